import Table from "cli-table3";

/** Text for a value in a table or a JSON line: exact, with dates as ISO instants and bigints as digits. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") return toJson(value);
  return String(value as string | number | bigint | boolean);
}

/** JSON in which a bigint is text, as exact values are in every JSON of Millrace. */
export const toJson = (value: unknown, space?: number): string =>
  JSON.stringify(value, (_key, entry: unknown) => (typeof entry === "bigint" ? entry.toString() : entry), space);

/** A table for a terminal; numbers to the right. */
export function toTable(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[] = Object.keys(rows[0] ?? {})): string {
  const numeric = columns.map((column) => {
    const values = rows.map((row) => row[column]).filter((value) => value !== null && value !== undefined);
    return values.length > 0 && values.every((value) => ["number", "bigint"].includes(typeof value));
  });
  const table = new Table({
    head: [...columns],
    colAligns: numeric.map((is) => (is ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(columns.map((column) => cellText(row[column])));
  return table.toString();
}

export const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
