import assert from "node:assert/strict";
import fc from "fast-check";
import type { Refs } from "../expressions/column.js";
import type { CellValue } from "../measures/cell.js";
import type { Measure } from "../measures/measure.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import { mergeCell, zeroOf } from "../measures/merge-cells.js";
import type { Columns, Row, Stream } from "../streams/stream.js";
import { defineView } from "../views/define-view.js";
import { foldCells } from "./fold-cells.js";
import { declareLaws } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** What {@link measureLaws} takes. */
export interface MeasureLawsOptions<C extends Columns> {
  readonly from: Stream<C>;
  /** The measure as a view declares it: `(c) => longest(c.artist)`. */
  readonly measure: (c: Refs<C>) => Measure;
  /** Rows as users see them. Make equal values, nulls and extremes common: laws break there. */
  readonly rows: fc.Arbitrary<Row<C>>;
  /** Runs a law. Default 100. */
  readonly runs?: number;
}

/**
 * The laws that make batch and speed layer give one answer, as tests of the runner whose `it` is given. Every measure
 * must keep them: a custom one that does not gives answers that depend on when the batch ran.
 *
 * Cells of doubles are compared within a relative 1e-9: their sums depend on the order of adding.
 *
 * @example
 * describe("longest", () => measureLaws(it, { from: plays, measure: (c) => longest(c.artist), rows: fc.record({ ts: fc.date(), artist: fc.string() }) }));
 */
export function measureLaws<C extends Columns>(it: It, options: MeasureLawsOptions<C>, waivers: Waivers = {}): void {
  const { from, measure, rows, runs = 100 } = options;
  const view = defineView({ name: "laws", from, by: [], every: "hour", measures: (c) => ({ measure: measure(c as Refs<C>) }) });
  const { cells, measures } = view.definition;
  const present = (values: readonly CellValue[]) => measures[0]!.present(values);
  const fold = (events: readonly Row<C>[]) => foldCells(from.definition, cells, events);
  const merge = (a: readonly CellValue[], b: readonly CellValue[]) => cells.map((cell, i) => mergeCell(cell, a[i]!, b[i]!));
  const same = (actual: readonly CellValue[], expected: readonly CellValue[]) => {
    cells.forEach((cell, i) => equalCells(cell, actual[i]!, expected[i]!));
  };
  const some = fc.array(rows, { maxLength: 12 });
  const law = <Ts>(id: string, says: string, of: fc.Arbitrary<Ts>, holds: (values: Ts) => void): Law<Subject> => ({
    id,
    says,
    async prove() {
      fc.assert(fc.property(of, holds), { numRuns: runs });
    },
  });

  const laws = [
    law("homomorphism", "folding xs and then ys is folding both apart and merging", fc.tuple(some, some), ([xs, ys]) => {
      const whole = fold([...xs, ...ys]);
      const merged = merge(fold(xs), fold(ys));
      same(merged, whole);
      // Equal cells present equally; those of doubles are equal only almost.
      if (cells.every(({ type }) => type !== "float64")) assert.deepStrictEqual(present(merged), present(whole));
    }),
    law(
      "order",
      "the order of events changes nothing",
      some.chain((xs) => fc.tuple(fc.constant(xs), fc.shuffledSubarray(xs, { minLength: xs.length, maxLength: xs.length }))),
      ([xs, shuffled]) => same(fold(shuffled), fold(xs)),
    ),
    law("associative", "merging is associative", fc.tuple(some, some, some), ([xs, ys, zs]) => {
      const [a, b, c] = [fold(xs), fold(ys), fold(zs)];
      same(merge(merge(a, b), c), merge(a, merge(b, c)));
    }),
    law("commutative", "merging is commutative", fc.tuple(some, some), ([xs, ys]) => same(merge(fold(xs), fold(ys)), merge(fold(ys), fold(xs)))),
    law("neutral", "the state of no event changes nothing when merged, on either side", some, (xs) => {
      const zero = () => cells.map((cell) => zeroOf(cell));
      same(fold([]), zero());
      same(merge(fold(xs), zero()), fold(xs));
      same(merge(zero(), fold(xs)), fold(xs));
    }),
    law("encoding", "decoding and encoding gives the same bytes, and the same presentation", some, (xs) => {
      const values = fold(xs);
      const again = cells.map(({ custom }, i) => {
        const value = values[i]!;
        return custom !== undefined && value instanceof Uint8Array ? custom.encode(custom.decode(value)) : value;
      });
      same(again, values);
      assert.deepStrictEqual(present(again), present(values));
    }),
    law("arguments", "merging changes neither of the values it is given", fc.tuple(some, some), ([xs, ys]) => {
      const [a, b] = [fold(xs), fold(ys)];
      merge(a, b);
      same(a, fold(xs));
      same(b, fold(ys));
    }),
  ];
  declareLaws("measure", it, laws, async () => ({}), waivers);
}

function equalCells(cell: MeasureCell, actual: CellValue, expected: CellValue): void {
  if (cell.type === "float64" && typeof actual === "number" && typeof expected === "number") {
    const tolerance = 1e-9 * Math.max(1, Math.abs(actual), Math.abs(expected));
    if (Math.abs(actual - expected) <= tolerance) return;
  }
  if (actual instanceof Uint8Array && expected instanceof Uint8Array) assert.deepStrictEqual([...actual], [...expected]);
  else assert.deepStrictEqual(actual, expected);
}
