import type { carried } from "../streams/carried-type.js";
import type { ColumnExpression } from "./column.js";
import type { PredicateNode } from "./predicate-node.js";

/**
 * A condition on a row, in SQL's three-valued logic; a row passes when it is true, not when it is unknown. `Proven` are
 * the columns that are not null in every row that passes: the answer's types follow from it.
 */
export interface Predicate<Proven extends string = never> {
  readonly [carried]: Proven;
  readonly node: PredicateNode;
  /** Both. What either proves not null, both prove. */
  and<Q extends string>(other: Predicate<Q>): Predicate<Proven | Q>;
  /** At least one. Proves not null what both prove. */
  or<Q extends string>(other: Predicate<Q>): Predicate<Proven & Q>;
  /** The opposite, by SQL's rules: what is unknown because of a null stays unknown, and does not pass. */
  not(): Predicate;
}

/** What is behind every {@link Predicate}: its node, the columns in it, and what was wrong when it was written. */
export class PredicateExpression {
  constructor(
    readonly node: PredicateNode,
    readonly columns: readonly ColumnExpression[],
    readonly problems: readonly string[],
  ) {}

  and(other: Predicate<string>): PredicateExpression {
    return this.#join("and", other);
  }

  or(other: Predicate<string>): PredicateExpression {
    return this.#join("or", other);
  }

  not(): PredicateExpression {
    return new PredicateExpression({ op: "not", of: this.node }, this.columns, this.problems);
  }

  #join(op: "and" | "or", other: Predicate<string>): PredicateExpression {
    const right = predicateExpression(other);
    const parts = (node: PredicateNode): readonly PredicateNode[] => (node.op === op ? node.all : [node]);
    return new PredicateExpression(
      { op, all: [...parts(this.node), ...parts(right.node)] },
      [...this.columns, ...right.columns],
      [...this.problems, ...right.problems],
    );
  }
}

/** The expression behind a predicate; of something else (plain JavaScript can pass it), one that says so. */
export function predicateExpression(predicate: unknown): PredicateExpression {
  if (predicate instanceof PredicateExpression) return predicate;
  return new PredicateExpression({ op: "and", all: [] }, [], ["a condition such as c.level.eq(\"paid\") is needed"]);
}
