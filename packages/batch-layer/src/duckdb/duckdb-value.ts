import { normalInt64, type SqlValue } from "@millrace/core";
import type { DuckDBType } from "@duckdb/node-api";

/** Instants come as a count since 1970 in the unit of their type. */
const PER_MS = { micros: 1_000n, millis: 1n, nanos: 1_000_000n } as const;

function epochMs(value: object): number {
  if ("seconds" in value) return Number(value.seconds) * 1_000;
  for (const [unit, perMs] of Object.entries(PER_MS)) {
    if (unit in value) {
      const count = (value as Record<string, bigint>)[unit]!;
      // Rounds down, also before 1970.
      return Number(count >= 0n ? count / perMs : -((-count + perMs - 1n) / perMs));
    }
  }
  throw new TypeError("reading a timestamp of DuckDB: its unit is unknown");
}

/**
 * How values of a column type are normalised, see `SqlValue`: integers as number while safe, decimals and dates as
 * text, timestamps as epoch ms, maps as pairs in key order, blobs as bytes. Other types as their text.
 */
export function valueReader(type: DuckDBType): (value: unknown) => SqlValue {
  const name = String(type);
  const read = reader(name);
  return (value) => (value === null || value === undefined ? null : read(value));
}

function reader(type: string): (value: unknown) => SqlValue {
  if (type === "BIGINT" || type === "UBIGINT" || type === "HUGEINT" || type === "UHUGEINT") return (value) => normalInt64(value as bigint);
  if (/^(U?(TINYINT|SMALLINT|INTEGER)|DOUBLE|FLOAT|BOOLEAN|VARCHAR)$/.test(type)) return (value) => value as SqlValue;
  if (type === "BLOB") return (value) => new Uint8Array((value as { readonly bytes: Uint8Array }).bytes);
  if (/^TIMESTAMP/.test(type)) return (value) => epochMs(value as object);
  if (/^MAP\((U?(TINYINT|SMALLINT|INTEGER)|BIGINT), U?BIGINT\)$/.test(type)) {
    return (value) =>
      (value as { readonly entries: readonly { readonly key: number | bigint; readonly value: bigint }[] }).entries
        .map((entry) => [Number(entry.key), normalInt64(entry.value)] as const)
        .sort(([a], [b]) => a - b);
  }
  return (value) => String(value);
}
