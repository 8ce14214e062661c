import { createHash } from "node:crypto";

/**
 * Sixteen hex characters of the SHA-256 over the canonical JSON of `value`: object keys sorted, `undefined` left out,
 * bigints as `{"bigint":"1"}`. Functions are not part of it: what they mean needs a version of its own.
 */
export function fingerprintOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(canonical(value))).digest("hex").slice(0, 16);
}

function canonical(value: unknown): unknown {
  if (typeof value === "bigint") return { bigint: value.toString() };
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined && typeof entry !== "function")
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, canonical(entry)]),
  );
}
