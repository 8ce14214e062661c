import fc from "fast-check";
import { expect, it } from "vitest";
import { groupKey } from "./group-key.js";
import { GroupTable } from "./group-table.js";

const value = fc.oneof(fc.constantFrom("", "1", "1|", "a", "|1:a"), fc.constant(null));
const group = fc.record({ window: fc.nat(3), first: value, second: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(2n ** 60n, -(2n ** 60n)), fc.constant(null)) });

it("finds each group by its window and dimensions, and no other", () => {
  fc.assert(
    fc.property(fc.uniqueArray(group, { selector: ({ window, first, second }) => groupKey(window, [first, second]), maxLength: 30 }), fc.array(group), (groups, asked) => {
      const table = new GroupTable({ length: groups.length, windows: Float64Array.from(groups, ({ window }) => window), dimensions: [groups.map(({ first }) => first), groups.map(({ second }) => second)], cells: [] });
      for (const { window, first, second } of [...groups, ...asked]) {
        const expected = groups.findIndex((one) => one.window === window && one.first === first && one.second === second);
        expect(table.find(window, [first, second])).toBe(expected);
        // Integers are the same as number and as bigint.
        if (typeof second === "number") expect(table.find(window, [first, BigInt(second)])).toBe(expected);
      }
    }),
  );
});

it("finds them among more combinations than numbers can tell apart", () => {
  const rows = 300;
  const columns = Array.from({ length: 7 }, (_, d) => Array.from({ length: rows }, (_, row) => `${d} ${row}`));
  const table = new GroupTable({ length: rows, windows: new Float64Array(rows), dimensions: columns, cells: [] });
  for (const row of [0, 17, 299]) expect(table.find(0, columns.map((column) => column[row]!))).toBe(row);
  expect(table.find(0, columns.map((column, d) => column[d === 3 ? 1 : 0]!))).toBe(-1);
});
