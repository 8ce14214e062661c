import { ConfigurationError, type Problem, type ViewDefinition } from "@millrace/core";

/**
 * Filter values from their texts, by the kinds of the view's dimensions. An empty text is null where the column is
 * optional.
 */
export function parseFilters(view: ViewDefinition, texts: Readonly<Record<string, readonly string[]>>): Record<string, readonly unknown[]> {
  const problems: Problem[] = [];
  const filters: Record<string, readonly unknown[]> = {};
  for (const [name, values] of Object.entries(texts)) {
    const column = view.by.includes(name) ? view.from.columns[name] : undefined;
    if (column === undefined) {
      problems.push({ path: `where.${name}`, message: `"${view.name}" has the dimensions ${view.by.map((by) => `"${by}"`).join(", ") || "(none)"}` });
      continue;
    }
    filters[name] = values.map((text) => {
      if (text === "" && column.optional) return null;
      const parsed = parseAs(column.kind, column.as, text);
      if (parsed === undefined) problems.push({ path: `where.${name}`, message: `"${text}" is not a value of a ${column.kind} column` });
      return parsed;
    });
  }
  if (problems.length > 0) throw new ConfigurationError("reading --where", problems);
  return filters;
}

function parseAs(kind: string, as: string | undefined, text: string): unknown {
  switch (kind) {
    case "text":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "int64":
      return /^-?\d+$/.test(text) ? (as === "bigint" ? BigInt(text) : Number(text)) : undefined;
    case "decimal":
      return /^-?\d+(\.\d+)?$/.test(text) ? (as === "string" ? text : Number(text)) : undefined;
    case "timestamp": {
      const date = new Date(text);
      return Number.isNaN(date.getTime()) ? undefined : date;
    }
    default:
      return undefined;
  }
}
