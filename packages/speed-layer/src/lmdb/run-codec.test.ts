import fc from "fast-check";
import { expect, it } from "vitest";
import type { CellValue, DimensionValue } from "@millrace/core";
import { columnsOf } from "./partial-columns.js";
import { decodeRun, encodeRun } from "./run-codec.js";

const dimension: fc.Arbitrary<DimensionValue> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "\udfff a", "", "é", "😀"),
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer(),
  fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.boolean(),
);
const cell: readonly fc.Arbitrary<CellValue>[] = [
  fc.integer(),
  fc.double(),
  fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constant(null)),
  fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(null)),
];
const number = fc.oneof(fc.integer({ min: 0, max: 2 ** 43 }), fc.constantFrom(-1, -(2 ** 40), 0.5));

it("what is decoded equals what was encoded, for every mix of values", () => {
  const rows = fc.array(fc.record({ window: number, version: number, texts: fc.tuple(fc.string(), dimension), cells: fc.tuple(...cell) }), { maxLength: 40 });
  fc.assert(
    fc.property(rows, (rows) => {
      const columns = columnsOf({
        length: rows.length,
        windows: Float64Array.from(rows, (row) => row.window),
        versions: Float64Array.from(rows, (row) => row.version),
        dimensions: [0, 1].map((d) => rows.map((row) => row.texts[d]!)),
        cells: [0, 1, 2, 3].map((c) => rows.map((row) => row.cells[c]!)),
      });
      const decoded = decodeRun(encodeRun(columns));
      const plain = rows.map((_, i) => ({
        window: decoded.windows[i],
        version: decoded.versions[i],
        texts: decoded.dimensions.map(({ codes, values }) => values[codes[i]!]),
        cells: decoded.cells.map((column) => column[i]),
      }));
      expect(decoded.length).toBe(rows.length);
      expect(plain).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});

it("codes of more than 256 and more than 65,536 values come back", () => {
  for (const count of [256, 257, 65_536, 65_537]) {
    const column = Array.from({ length: count }, (_, i) => `value ${i}`);
    const columns = columnsOf({ length: count, windows: new Float64Array(count), versions: new Float64Array(count), dimensions: [column], cells: [] });
    const { codes, values } = decodeRun(encodeRun(columns)).dimensions[0]!;
    expect(Array.from(codes, (code) => values[code])).toEqual(column);
  }
});

it("refuses a run of a format that it does not know", () => {
  const run = encodeRun(columnsOf({ length: 0, windows: new Float64Array(), versions: new Float64Array(), dimensions: [], cells: [] }));
  run[0] = 9;
  expect(() => decodeRun(run)).toThrow("format 9");
});
