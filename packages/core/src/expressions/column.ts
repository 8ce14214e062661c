import type { carried } from "../streams/carried-type.js";
import type { ColumnDefinition, Kind } from "../streams/column-definition.js";
import type { ColumnType } from "../streams/column-type.js";
import type { Columns } from "../streams/stream.js";
import { convertLiteral } from "./convert-literal.js";
import type { Literal } from "./predicate-node.js";
import { PredicateExpression } from "./predicate.js";
import type { Predicate } from "./predicate.js";

/** A typed reference to a column: `c.duration`. Text is ordered by its UTF-8 bytes, in every engine. */
export interface Column<N extends string, K extends Kind, T> {
  readonly name: N;
  readonly kind: K;
  readonly [carried]: T;
  /** Equal; texts by their bytes. A null passes no comparison. */
  eq(value: T & {}): Predicate<N>;
  /** Not equal, and not null. */
  ne(value: T & {}): Predicate<N>;
  /** Equal to one of at least one value. */
  in(values: readonly (T & {})[]): Predicate<N>;
  /** Less than; texts by their UTF-8 bytes, as in every engine. */
  lt(value: T & {}): Predicate<N>;
  /** Less than or equal. */
  le(value: T & {}): Predicate<N>;
  /** Greater than. */
  gt(value: T & {}): Predicate<N>;
  /** Greater than or equal. */
  ge(value: T & {}): Predicate<N>;
}

/** A reference to an optional column: it can also be asked for null. */
export interface OptionalColumn<N extends string, K extends Kind, T> extends Column<N, K, T> {
  /** The record has no value here, or null. */
  isNull(): Predicate;
  /** The record has a value here. A view whose filter says so has a dimension that is never null. */
  isNotNull(): Predicate<N>;
}

type Ref<N extends string, D extends ColumnType> = null extends D[typeof carried]
  ? OptionalColumn<N, D["kind"], D[typeof carried]>
  : Column<N, D["kind"], D[typeof carried]>;

/** The references to the columns `C`, by name. */
export type Refs<C extends Columns> = { readonly [N in keyof C & string]: Ref<N, C[N]> };

/** What is behind every {@link Column}. Without a definition it stands for a column that does not exist. */
export class ColumnExpression {
  constructor(
    readonly name: string,
    readonly definition: ColumnDefinition | undefined,
  ) {}

  get kind(): Kind | undefined {
    return this.definition?.kind;
  }

  eq(value: unknown): PredicateExpression {
    return this.#compare("eq", value);
  }

  ne(value: unknown): PredicateExpression {
    return this.#compare("ne", value);
  }

  lt(value: unknown): PredicateExpression {
    return this.#compare("lt", value);
  }

  le(value: unknown): PredicateExpression {
    return this.#compare("le", value);
  }

  gt(value: unknown): PredicateExpression {
    return this.#compare("gt", value);
  }

  ge(value: unknown): PredicateExpression {
    return this.#compare("ge", value);
  }

  in(values: readonly unknown[]): PredicateExpression {
    const problems: string[] = [];
    if (!Array.isArray(values) || values.length === 0) problems.push(`"${this.name}".in needs a list of at least one value`);
    const literals = (Array.isArray(values) ? values : []).map((value: unknown) => this.#literal("in", value, problems));
    return new PredicateExpression({ op: "in", column: this.name, values: literals }, [this], problems);
  }

  isNull(): PredicateExpression {
    return new PredicateExpression({ op: "isNull", column: this.name }, [this], []);
  }

  isNotNull(): PredicateExpression {
    return new PredicateExpression({ op: "isNotNull", column: this.name }, [this], []);
  }

  #compare(op: "eq" | "ne" | "lt" | "le" | "gt" | "ge", value: unknown): PredicateExpression {
    const problems: string[] = [];
    const literal = this.#literal(op, value, problems);
    return new PredicateExpression({ op, column: this.name, value: literal }, [this], problems);
  }

  #literal(op: string, value: unknown, problems: string[]): Literal {
    if (this.definition === undefined) return 0;
    const converted = convertLiteral(this.definition, value);
    if ("literal" in converted) return converted.literal;
    problems.push(`"${this.name}".${op}: ${converted.problem}`);
    return 0;
  }
}
