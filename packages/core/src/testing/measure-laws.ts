import assert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { Refs } from "../expressions/column.js";
import type { CellValue } from "../measures/cell.js";
import type { Measure } from "../measures/measure.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import { mergeCell, zeroOf } from "../measures/merge-cells.js";
import type { SqlEngine } from "../ports/sql-engine.js";
import type { Columns, Row, Stream } from "../streams/stream.js";
import { defineView } from "../views/define-view.js";
import { foldCells } from "./fold-cells.js";
import { measureSqlLaw } from "./measure-sql-law.js";
import { declareLaws } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** Statements cost more than calls. */
const SQL_RUNS = 50;

/** What {@link measureLaws} takes. */
export interface MeasureLawsOptions<C extends Columns> {
  readonly from: Stream<C>;
  /** The measure as a view declares it: `(c) => longest(c.artist)`. */
  readonly measure: (c: Refs<C>) => Measure;
  /** Rows as users see them. Make equal values, nulls and extremes common: laws break there. */
  readonly rows: fc.Arbitrary<Row<C>>;
  /** Runs a law. Default 100. */
  readonly runs?: number;
  /**
   * A new engine: what SQL makes of the rows is then compared with the fold. For measures that have SQL; sketches are
   * proved by the kit of the engine itself. Closed by the kit.
   */
  readonly engine?: () => SqlEngine;
}

/**
 * The laws that make batch and speed layer give one answer, as tests of the runner whose `it` is given. Every measure
 * must keep them: a custom one that does not gives answers that depend on when the batch ran.
 *
 * Cells of doubles are compared within a relative 1e-9: their sums depend on the order of adding.
 *
 * @example
 * const rows = fc.record({ at: fc.date({ noInvalidDate: true }), item: fc.string(), price: fc.integer({ max: 10_000 }) });
 * describe("longest", () => measureLaws(it, { from: priceChanges, measure: (c) => longest(c.item), rows }));
 */
export function measureLaws<C extends Columns>(it: It, options: MeasureLawsOptions<C>, waivers: Waivers = {}): void {
  const { from, measure, rows, runs = 100, engine } = options;
  const view = defineView({ name: "laws", from, by: [], every: "hour", measures: (c) => ({ measure: measure(c as Refs<C>) }) });
  const { cells, measures } = view.definition;
  const present = (values: readonly CellValue[]) => measures[0]!.present(values);
  const fold = (events: readonly Row<C>[]) => foldCells(from.definition, cells, events);
  const merge = (a: readonly CellValue[], b: readonly CellValue[]) => cells.map((cell, i) => mergeCell(cell, a[i]!, b[i]!));
  /** Fails saying what each side is called and what it is. */
  const same = (actual: Called, expected: Called) => {
    const [[name, is]] = Object.entries(actual) as [[string, readonly CellValue[]]];
    const [[otherName, other]] = Object.entries(expected) as [[string, readonly CellValue[]]];
    const unequal = cells.findIndex((cell, i) => !equalCells(cell, is[i]!, other[i]!));
    if (unequal < 0) return;
    const cell = cells[unequal]!;
    throw new assert.AssertionError({ message: `${name} is ${shown(cell, is[unequal]!)}, but ${otherName} is ${shown(cell, other[unequal]!)}` });
  };
  const samePresentation = (name: string, is: readonly CellValue[], otherName: string, other: readonly CellValue[]) => {
    const [a, b] = [present(is), present(other)];
    assert.deepStrictEqual(a, b, `${name} presents as ${inspect(a)}, but ${otherName} as ${inspect(b)}`);
  };
  const some = fc.array(rows, { maxLength: 12 });
  const law = <Ts>(id: string, says: string, advice: string, of: fc.Arbitrary<Ts>, holds: (values: Ts) => void): Law<Subject> => ({
    id,
    says,
    advice,
    async prove() {
      fc.assert(fc.property(of, holds), { numRuns: runs });
    },
  });

  const laws: Law<Subject>[] = [
    law(
      "homomorphism",
      "folding xs and then ys is folding both apart and merging",
      "let merge(a, b) be the state that all the events of a and of b together would have made, in add's own terms: carry sums and counts, never means, ratios or what came last",
      fc.record({ xs: some, ys: some }),
      ({ xs, ys }) => {
        const whole = fold([...xs, ...ys]);
        const merged = merge(fold(xs), fold(ys));
        same({ "merge(fold(xs), fold(ys))": merged }, { "fold(xs and ys)": whole });
        // Equal cells present equally; those of doubles are equal only almost.
        if (cells.every(({ type }) => type !== "float64")) samePresentation("merge(fold(xs), fold(ys))", merged, "fold(xs and ys)", whole);
      },
    ),
    law(
      "order",
      "the order of events changes nothing",
      "let add depend on the state and the event alone, not on which event came before: partitions are read side by side, and a replay may interleave them otherwise",
      some.chain((xs) => fc.record({ xs: fc.constant(xs), ys: fc.shuffledSubarray(xs, { minLength: xs.length, maxLength: xs.length }) })),
      ({ xs, ys }) => same({ "fold(ys), the same events in another order,": fold(ys) }, { "fold(xs)": fold(xs) }),
    ),
    law(
      "associative",
      "merging is associative",
      "keep in the state what a third merge needs (a count beside a mean, for example), and merge exact integers instead of rounding",
      fc.record({ xs: some, ys: some, zs: some }),
      ({ xs, ys, zs }) => {
        const [a, b, c] = [fold(xs), fold(ys), fold(zs)];
        same({ "merge(merge(fold(xs), fold(ys)), fold(zs))": merge(merge(a, b), c) }, { "merge(fold(xs), merge(fold(ys), fold(zs)))": merge(a, merge(b, c)) });
      },
    ),
    law(
      "commutative",
      "merging is commutative",
      "treat both arguments of merge alike, also where they tie: nobody promises which part of the log is merged first; and encode without the order in which a Map or an array was filled",
      fc.record({ xs: some, ys: some }),
      ({ xs, ys }) => same({ "merge(fold(xs), fold(ys))": merge(fold(xs), fold(ys)) }, { "merge(fold(ys), fold(xs))": merge(fold(ys), fold(xs)) }),
    ),
    law(
      "neutral",
      "the state of no event changes nothing when merged, on either side",
      "let zero be the state of no event at all, new at every call: 0 for a sum, null for a smallest value",
      fc.record({ xs: some }),
      ({ xs }) => {
        const zero = () => cells.map((cell) => zeroOf(cell));
        same({ "fold of no event": fold([]) }, { zero: zero() });
        same({ "merge(fold(xs), zero)": merge(fold(xs), zero()) }, { "fold(xs)": fold(xs) });
        same({ "merge(zero, fold(xs))": merge(zero(), fold(xs)) }, { "fold(xs)": fold(xs) });
      },
    ),
    law(
      "encoding",
      "decoding and encoding gives the same bytes, and the same presentation",
      "write everything that decode needs, and sort what has no order of its own (the entries of a Map) before encoding",
      fc.record({ xs: some }),
      ({ xs }) => {
        const values = fold(xs);
        const again = cells.map(({ custom }, i) => {
          const value = values[i]!;
          return custom !== undefined && value instanceof Uint8Array ? custom.encode(custom.decode(value)) : value;
        });
        same({ "encode(decode(fold(xs)))": again }, { "fold(xs)": values });
        samePresentation("decode(encode(fold(xs)))", again, "fold(xs)", values);
      },
    ),
    law(
      "arguments",
      "merging changes neither of the values it is given",
      "encode into new bytes, and let decode copy what it keeps of the bytes it is given",
      fc.record({ xs: some, ys: some }),
      ({ xs, ys }) => {
        const [a, b] = [fold(xs), fold(ys)];
        merge(a, b);
        same({ "fold(xs), once merged,": a }, { "fold(xs)": fold(xs) });
        same({ "fold(ys), once merged,": b }, { "fold(ys)": fold(ys) });
      },
    ),
  ];
  if (engine !== undefined) laws.push(measureSqlLaw(engine, from.definition, cells, some, Math.min(runs, SQL_RUNS), equalCells));
  declareLaws("measure", it, laws, async () => ({}), waivers);
}

/** A state by what the sentence of a failure calls it. */
type Called = Readonly<Record<string, readonly CellValue[]>>;

function equalCells(cell: MeasureCell, actual: CellValue, expected: CellValue): boolean {
  if (cell.type === "float64" && typeof actual === "number" && typeof expected === "number") {
    return Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(actual), Math.abs(expected));
  }
  return isDeepStrictEqual(actual, expected);
}

/** The state of a custom measure rather than its bytes, where it can be read. */
function shown({ custom }: MeasureCell, value: CellValue): string {
  if (!(value instanceof Uint8Array)) return inspect(value);
  const bytes = `bytes ${value.length === 0 ? "of length 0" : Buffer.from(value).toString("hex")}`;
  if (custom === undefined) return bytes;
  try {
    return `${inspect(custom.decode(value), { breakLength: Infinity })} (${bytes})`;
  } catch {
    return `${bytes}, which decode does not read`;
  }
}
