import type { carried } from "../streams/carried-type.js";
import type { ColumnExpression } from "../expressions/column.js";
import { predicateExpression } from "../expressions/predicate.js";
import type { Predicate, PredicateExpression } from "../expressions/predicate.js";
import type { CellValue } from "./cell.js";
import type { MeasureCell } from "./measure-definition.js";
import type { Presentation } from "./presentation.js";

/** A commutative monoid with presentation, declared in a view's `measures`; `Out` is what it presents. */
export interface Measure<Out = unknown> {
  readonly [carried]: Out;
  /** Only events that pass count for this measure. Repeated conditions must all be true. */
  where(only: Predicate<string>): Measure<Out>;
}

/** A measure under the name that its view gave it. */
export interface NamedMeasure {
  readonly cells: readonly MeasureCell[];
  /** From merged cell values, in the order of `cells`. */
  readonly present: (cells: readonly CellValue[]) => unknown;
  /** What `present` does. Absent: only the function knows. */
  readonly presentation?: Presentation;
}

/** What is behind every {@link Measure}, until a view names it. */
export class MeasureExpression {
  constructor(
    private readonly parts: {
      readonly columns: readonly ColumnExpression[];
      readonly problems: readonly string[];
      /** The text that tells this measure from others, without its conditions. */
      readonly identity: string;
      readonly named: (name: string) => NamedMeasure;
    },
    private readonly conditions: readonly PredicateExpression[] = [],
  ) {}

  get columns(): readonly ColumnExpression[] {
    return [...this.parts.columns, ...this.conditions.flatMap(({ columns }) => columns)];
  }

  get problems(): readonly string[] {
    return [...this.parts.problems, ...this.conditions.flatMap(({ problems }) => problems)];
  }

  get identity(): string {
    return this.parts.identity;
  }

  where(only: Predicate<string>): MeasureExpression {
    return new MeasureExpression(this.parts, [...this.conditions, predicateExpression(only)]);
  }

  named(name: string): NamedMeasure {
    const { cells, ...rest } = this.parts.named(name);
    return { cells: cells.map((cell) => this.#limit(cell)), ...rest };
  }

  #limit(cell: MeasureCell): MeasureCell {
    const all = this.conditions.map(({ node }) => node);
    if (cell.where !== undefined) all.push(cell.where);
    const [first, ...more] = all;
    if (first === undefined) return cell;
    return { ...cell, where: more.length === 0 ? first : { op: "and", all } };
  }
}

/** The only place where a declared measure takes on the type that it carries. */
export function measure<Out>(parts: ConstructorParameters<typeof MeasureExpression>[0]): Measure<Out> {
  return new MeasureExpression(parts) as unknown as Measure<Out>;
}
