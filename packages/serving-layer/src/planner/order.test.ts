import fc from "fast-check";
import { expect, it } from "vitest";
import { GroupTable } from "../merge/group-table.js";
import { songs } from "../testing/plays.js";
import { orderRows } from "./order.js";
import { planQuery } from "./plan-query.js";

it("the first rows are those of the whole order, ties included", () => {
  const { definition } = songs;
  const row = fc.record({ window: fc.nat(2), song: fc.option(fc.constantFrom("a", "b", "é")), artist: fc.constantFrom("x", "y"), plays: fc.nat(3) });
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: ({ window, song, artist }) => `${window} ${song} ${artist}`, maxLength: 24 }), fc.nat(6), fc.constantFrom("plays desc", "plays", "song desc", "artist", undefined), (rows, most, orderBy) => {
      const table = new GroupTable({
        length: rows.length,
        windows: Float64Array.from(rows, ({ window }) => window * 60_000),
        dimensions: [rows.map(({ song }) => song), rows.map(({ artist }) => artist)],
        cells: definition.cells.map((_, c) => rows.map(({ plays }) => (c === 0 ? plays : 0))),
      });
      const plan = planQuery(definition, { from: 0, until: 1, by: ["song", "artist"], ...(orderBy === undefined ? {} : { orderBy: orderBy as "plays" }) });
      expect([...orderRows(plan, table, most).order].slice(0, most)).toEqual([...orderRows(plan, table).order].slice(0, most));
    }),
  );
});
