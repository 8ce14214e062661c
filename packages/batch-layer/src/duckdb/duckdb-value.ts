import { normalInt64, type SqlValue } from "@millrace/core";
import type { DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";

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
function valueReader(type: DuckDBType): (value: unknown) => SqlValue {
  const name = String(type);
  const read = reader(name);
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** Reads a chunk's rows, each in the order of `types`. */
export function rowReader(types: readonly DuckDBType[]): (chunk: DuckDBDataChunk) => readonly (readonly SqlValue[])[] {
  const readers = types.map(valueReader);
  const texts = types.flatMap((type, i) => (String(type) === "VARCHAR" ? [i] : []));
  return (chunk) => {
    const rows = chunk.getRows().map((row) => row.map((value, i) => readers[i]!(value)));
    for (const column of texts) {
      const marked = startsWithMark(chunk, column);
      for (const [n, row] of rows.entries()) if (row[column] !== null && marked(n)) row[column] = `\ufeff${row[column] as string}`;
    }
    return rows;
  };
}

/**
 * Whether the text of a row begins with a byte order mark, which the driver's `TextDecoder` drops: two texts would
 * become one. The driver does not show the bytes, but keeps the vector's 16-byte entries (DuckDB's `string_t`): a
 * length of 4 bytes, then the first 4 bytes of the text.
 */
function startsWithMark(chunk: DuckDBDataChunk, column: number): (row: number) => boolean {
  const { dataView } = chunk.getColumnVector(column) as unknown as { readonly dataView?: DataView };
  if (dataView === undefined) throw new TypeError("reading texts of DuckDB: the driver is of a version that keeps them another way");
  return (row) => dataView.getUint32(row * 16, true) >= 3 && (dataView.getUint32(row * 16 + 4, true) & 0xff_ffff) === 0xbf_bbef;
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
