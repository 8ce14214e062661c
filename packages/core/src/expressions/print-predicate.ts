import type { ColumnDefinition } from "../streams/column-definition.js";
import type { Literal, PredicateNode } from "./predicate-node.js";

/** What differs between engines when a predicate is printed. */
export interface PredicatePrinter {
  /** A name, quoted as the engine quotes names. */
  identifier(name: string): string;
  /** SQL of a value that the column holds inside ({@link Literal}), of the column's type in the engine. */
  literal(value: Literal, column: ColumnDefinition): string;
}

const COMPARISONS = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/** A predicate as SQL, parenthesised, with the same three-valued result as `compilePredicate`. */
export function printPredicate(node: PredicateNode, columns: Readonly<Record<string, ColumnDefinition>>, printer: PredicatePrinter): string {
  const literal = (name: string, value: Literal): string => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) throw new RangeError(`printing a predicate: there is no column "${name}"`);
    return printer.literal(value, column);
  };
  const print = (part: PredicateNode): string => {
    switch (part.op) {
      case "and":
      case "or":
        if (part.all.length === 0) return part.op === "and" ? "TRUE" : "FALSE";
        return `(${part.all.map(print).join(part.op === "and" ? " AND " : " OR ")})`;
      case "not":
        return `(NOT ${print(part.of)})`;
      case "isNull":
        return `(${printer.identifier(part.column)} IS NULL)`;
      case "isNotNull":
        return `(${printer.identifier(part.column)} IS NOT NULL)`;
      case "in": {
        const column = printer.identifier(part.column);
        // SQL has no empty list: in none of them is false, but unknown for a null.
        if (part.values.length === 0) return `(CASE WHEN ${column} IS NULL THEN NULL ELSE FALSE END)`;
        return `(${column} IN (${part.values.map((value) => literal(part.column, value)).join(", ")}))`;
      }
      case "eq":
      case "ne":
      case "lt":
      case "le":
      case "gt":
      case "ge":
        return `(${printer.identifier(part.column)} ${COMPARISONS[part.op]} ${literal(part.column, part.value)})`;
    }
  };
  return print(node);
}
