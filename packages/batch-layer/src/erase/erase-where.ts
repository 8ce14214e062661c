import { ConfigurationError, convertLiteral, type ColumnDefinition, type Literal, type PredicateNode, type Problem, type StreamDefinition } from "@millrace/core";

/** Values by column: a record is erased if every column named has one of its values. Text is read as the column's kind. */
export type EraseWhere = Readonly<Record<string, unknown>>;

/** A condition on the records of one stream, checked. */
export interface RecordCondition {
  readonly columns: readonly string[];
  readonly predicate: PredicateNode;
  /** As they were written: what a record is compared with that could not be decoded. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

/**
 * The condition in the terms of a stream.
 *
 * @throws {ConfigurationError} naming every column that it does not have and every value that is none of the column's.
 */
export function conditionOn({ topic, columns }: StreamDefinition, where: EraseWhere): RecordCondition {
  const problems: Problem[] = [];
  const all: PredicateNode[] = [];
  const texts = new Map<string, readonly string[]>();
  if (Object.keys(where).length === 0) problems.push({ path: "where", message: "at least one column is needed, or every record would be erased" });
  for (const [name, given] of Object.entries(where)) {
    const path = `where.${name}`;
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) {
      problems.push({ path, message: `"${topic}" has the columns ${Object.keys(columns).map((known) => `"${known}"`).join(", ")}` });
      continue;
    }
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    const literals: Literal[] = [];
    for (const value of values) {
      const converted = value === null || value === undefined || (value === "" && column.kind !== "text") ? { problem: "a value is needed: records without one are nobody's" } : convertLiteral(column, typeof value === "string" ? fromText(column, value) : value);
      if ("problem" in converted) problems.push({ path, message: converted.problem });
      else literals.push(converted.literal);
    }
    if (values.length === 0) problems.push({ path, message: "a value is needed" });
    all.push({ op: "in", column: name, values: literals });
    texts.set(name, values.map((value) => (value instanceof Date ? value.toISOString() : String(value as string | number | bigint | boolean))));
  }
  if (problems.length > 0) throw new ConfigurationError("reading what to erase", problems);
  return { columns: [...texts.keys()], predicate: { op: "and", all }, texts };
}

/** A value from its text; the text itself where it is none, for `convertLiteral` to refuse. */
function fromText({ kind }: ColumnDefinition, text: string): unknown {
  switch (kind) {
    case "int64":
      return /^-?\d{1,19}$/.test(text) ? BigInt(text) : text;
    case "float64":
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "timestamp":
      return new Date(text);
    case "decimal":
    case "text":
      return text;
  }
}
