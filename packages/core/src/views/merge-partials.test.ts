import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CellValue } from "../measures/cell.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import { mergeCell } from "../measures/merge-cells.js";
import { encodeSketch } from "../measures/sketch.js";
import { PartialMerger } from "./merge-partials.js";
import type { DimensionValue, PartialBatch } from "./partial-batch.js";

const cells: MeasureCell[] = [
  { name: "n", type: "int64", combine: "sum", input: { of: "one" } },
  { name: "low", type: "int64", combine: "min", input: { of: "value", column: "x" } },
  { name: "users", type: "sketch", combine: "maxByKey", input: { of: "coordinate", coordinate: { kind: "hll12", column: "user" } } },
];
interface PartialRow {
  readonly window: number;
  readonly dimensions: readonly DimensionValue[];
  readonly cells: readonly CellValue[];
}
const batchOf = (rows: readonly PartialRow[]): PartialBatch => ({
  length: rows.length,
  windows: Float64Array.from(rows.map(({ window }) => window)),
  dimensions: [0, 1].map((d) => rows.map(({ dimensions }) => dimensions[d]!)),
  cells: cells.map((_, c) => rows.map((row) => row.cells[c]!)),
});
const rowsOf = (batch: PartialBatch): PartialRow[] =>
  Array.from({ length: batch.length }, (_, i) => ({
    window: batch.windows[i]!,
    dimensions: batch.dimensions.map((column) => column[i]!),
    cells: batch.cells.map((column) => column[i]!),
  }));
const dimension = fc.constantFrom<DimensionValue[]>(null, "", "1", 1, 1n, true, "true", "null", "a", "é", 2n ** 60n, 0);
const row: fc.Arbitrary<PartialRow> = fc.record({
  window: fc.integer({ min: 0, max: 9 }).map((n) => n * 60_000),
  dimensions: fc.tuple(dimension, dimension),
  cells: fc.tuple<CellValue[]>(
    fc.nat(100),
    fc.option(fc.nat(100)),
    fc.array(fc.tuple(fc.nat(10), fc.integer({ min: 1, max: 9 })), { maxLength: 4 }).map((entries) => encodeSketch("maxByKey", entries)),
  ),
});

/** A group by as it is defined: by the texts of the values with their types. */
function naive(rows: readonly PartialRow[], dimensions: readonly number[], window: (start: number) => number): Map<string, PartialRow> {
  const groups = new Map<string, PartialRow>();
  for (const { window: start, dimensions: all, cells: values } of rows) {
    const kept = dimensions.map((d) => all[d]!).map((value) => (value === 1n ? 1 : value));
    const key = [window(start), ...kept.map((value) => `${typeof value}:${String(value)}`)].join("|");
    const before = groups.get(key);
    groups.set(key, {
      window: window(start),
      dimensions: kept,
      cells: before === undefined ? values : values.map((value, c) => mergeCell(cells[c]!, before.cells[c]!, value)),
    });
  }
  return groups;
}

describe("merging partials", () => {
  it.each([
    [[0, 1], (start: number) => start],
    [[1], (start: number) => Math.floor(start / 300_000) * 300_000],
    [[], () => 0],
    [[1, 0], () => 0],
  ] as const)("groups by dimensions %j and window as a plain group by does, in any number of batches", (dimensions, window) => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 4 }), (batches) => {
        const merger = new PartialMerger(cells, { dimensions: [...dimensions], window });
        for (const batch of batches) merger.add(batchOf(batch));
        const expected = [...naive(batches.flat(), dimensions, window).values()];
        expect(merger.size).toBe(expected.length);
        expect(rowsOf(merger.result())).toEqual(expected);
      }),
    );
  });

  it("takes only the rows accepted", () => {
    const merger = new PartialMerger(cells);
    const empty = encodeSketch("maxByKey", []);
    const batch = batchOf(["a", "b", "a"].map((name, i) => ({ window: 0, dimensions: [name, null], cells: [i + 1, i, empty] })));
    merger.add(batch, (i) => batch.dimensions[0]![i] === "a");
    expect(rowsOf(merger.result())).toEqual([{ window: 0, dimensions: ["a", null], cells: [4, 0, empty] }]);
  });

  it("keeps every group apart when there are many", () => {
    const n = 30_000;
    const merger = new PartialMerger(cells.slice(0, 1));
    const batch: PartialBatch = {
      length: n,
      windows: Float64Array.from({ length: n }, (_, i) => (i % 7) * 60_000),
      dimensions: [Array.from({ length: n }, (_, i) => `song ${i % 9_973}`)],
      cells: [Array.from({ length: n }, () => 1)],
    };
    merger.add(batch);
    merger.add(batch);
    expect(merger.size).toBe(n);
    expect(merger.result().cells[0]!.every((value) => value === 2)).toBe(true);
  });
});
