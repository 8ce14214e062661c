import type { Problems } from "./problems.js";

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Longest name of a column, view, measure or model: what every store and SQL engine takes, with room for a suffix. */
export const MAX_NAME_LENGTH = 48;

/** Names that Millrace's own columns and folders have: the window of an answer, the partition folders of tables. */
export const RESERVED_COLUMN_NAMES: readonly string[] = ["window", "date", "version"];

/** A name that is an identifier in every store and SQL engine. */
export function checkIdentifier(name: unknown, path: string, problems: Problems): void {
  if (typeof name !== "string") problems.add(path, `a name is a text, not ${describe(name)}`);
  else if (name.startsWith("_")) problems.add(path, `"${name}" starts with "_", which is kept for Millrace's own columns`);
  else if (!IDENTIFIER.test(name)) problems.add(path, `"${name}" is not an identifier: a letter, then letters, digits and "_"`);
  else if (name.length > MAX_NAME_LENGTH) problems.add(path, `"${name}" is longer than ${MAX_NAME_LENGTH} characters`);
}

/** The name of a column in stored rows: an identifier that Millrace does not use itself. */
export function checkColumnName(name: string, path: string, problems: Problems, reserved: readonly string[] = RESERVED_COLUMN_NAMES): void {
  checkIdentifier(name, path, problems);
  if (reserved.includes(name.toLowerCase())) {
    problems.add(path, `"${name}" is kept for Millrace's own columns: ${reserved.join(", ")}. A column of another name reads the field by .at("${name}")`);
  }
}

/** SQL engines compare names without case, so names that differ in case alone are the same name. */
export function checkDistinct(names: readonly { readonly name: string; readonly path: string }[], problems: Problems): void {
  const taken = new Map<string, string>();
  for (const { name, path } of names) {
    const other = taken.get(name.toLowerCase());
    if (other === undefined) taken.set(name.toLowerCase(), path);
    else problems.add(path, `"${name}" is already the name of ${other} (names are compared without case)`);
  }
}

/** `"listen"; did you mean "listeners"?`: the unknown name, and the known one closest to it when there is one. */
export function unknownName(name: string, known: readonly string[]): string {
  let closest: string | undefined;
  let distance = Math.max(2, Math.floor(name.length * 0.4)) + 1;
  for (const candidate of known) {
    const d = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (d < distance) [closest, distance] = [candidate, d];
  }
  return closest === undefined ? `"${name}"; there is ${known.map((n) => `"${n}"`).join(", ") || "none"}` : `"${name}"; did you mean "${closest}"?`;
}

/** A value for an error message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  return Array.isArray(value) ? "an array" : typeof value === "function" ? "a function" : "an object";
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
