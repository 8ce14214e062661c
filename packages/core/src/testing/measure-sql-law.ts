import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import type { CellValue } from "../measures/cell.js";
import { cellSql } from "../measures/cell-sql.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import type { SqlEngine } from "../ports/sql-engine.js";
import type { StreamDefinition } from "../streams/stream-definition.js";
import { foldCells, insideRow, type PresentedRow } from "./fold-cells.js";
import type { Law, Subject } from "./law.js";
import { columnSql, rowsOf } from "./sql-test-rows.js";

/** SQL over the rows gives what folding them gives, cell by cell. */
export function measureSqlLaw(
  open: () => SqlEngine,
  stream: StreamDefinition,
  cells: readonly MeasureCell[],
  rows: fc.Arbitrary<readonly PresentedRow[]>,
  numRuns: number,
  equal: (cell: MeasureCell, actual: CellValue, expected: CellValue) => boolean,
): Law<Subject> {
  return {
    id: "sql",
    says: "SQL over the events gives what folding them gives",
    advice: "let sql say what of says, in exact integers and for every value: the speed layer takes the one, the batch layer the other, and where they part the answer changes when a batch ran",
    async prove() {
      for (const { name, combine } of cells) {
        assert.ok(combine === "sum" || combine === "min" || combine === "max", `"${name}" is no number that SQL computes by SUM, MIN or MAX: leave out "engine"; a sketch is proved by the engine's kit, a measure without SQL has none`);
      }
      const engine = open();
      const { dialect } = engine;
      const selected = cells.map((cell) => cellSql(cell, stream.columns, dialect));
      const columns = Object.entries(stream.columns);
      try {
        await fc.assert(
          fc.asyncProperty(fc.record({ xs: rows }), async ({ xs }) => {
            const events = xs.map((row) => {
              const inside = insideRow(stream, row);
              return `SELECT ${columns.map(([name, column]) => `${columnSql(dialect, column, inside[name]!)} AS ${dialect.identifier(name)}`).join(", ")}`;
            });
            if (events.length === 0) events.push(`SELECT ${columns.map(([name, column]) => `${columnSql(dialect, column, null)} AS ${dialect.identifier(name)}`).join(", ")} WHERE FALSE`);
            const [answered] = await rowsOf(engine, `SELECT ${selected.map((each, i) => `${each} AS c${i}`).join(", ")} FROM (${events.join(" UNION ALL ")}) AS events`);
            foldCells(stream, cells, xs).forEach((folded, i) => {
              const computed = answered![i] as CellValue;
              assert.ok(equal(cells[i]!, computed, folded), `"${cells[i]!.name}" is ${inspect(computed)} by ${selected[i]!}, but ${inspect(folded)} by the fold`);
            });
          }),
          { numRuns },
        );
      } finally {
        await engine.close();
      }
    },
  };
}
