import type { StreamDefinition } from "@millrace/core";
import type { RecordCondition } from "./erase-where.js";

/**
 * Whether a record that could not be decoded is one of those looked for: by the value that it has where the column lies,
 * compared as text. Undefined where that cannot be told, because the record or the place cannot be read.
 */
export function matchDeadLetter(stream: StreamDefinition, { texts }: RecordCondition, { key, value }: { readonly key: Uint8Array | null; readonly value: Uint8Array | null }): boolean | undefined {
  let record: unknown;
  try {
    record = value === null ? null : stream.decode === undefined ? JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value)) : stream.decode(value);
  } catch {
    record = undefined;
  }
  let known = true;
  for (const [name, wanted] of texts) {
    const { source } = stream.columns[name]!;
    let found: unknown;
    if (source.in === "key") found = key === null ? undefined : new TextDecoder().decode(key);
    else if (source.in === "value" && typeof record === "object" && record !== null) found = source.path.reduce<unknown>((at, step) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[step] : undefined), record);
    else {
      known = false;
      continue;
    }
    if (!wanted.some((text) => sameText(found, text))) return false;
  }
  return known ? true : undefined;
}

function sameText(found: unknown, text: string): boolean {
  if (typeof found === "string") return found === text || (found.trim() !== "" && Number(found) === Number(text));
  return typeof found === "number" || typeof found === "boolean" || typeof found === "bigint" ? String(found) === text || Number(found) === Number(text) : false;
}
