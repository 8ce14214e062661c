import type { ColumnVector } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { DedupeKey } from "./key-memory.js";

/** The key of a row by its index; null where a column is null. */
export type KeyOfRow = (row: number) => DedupeKey | null;

/**
 * Keys made of columns, without making rows. Different values have different keys.
 *
 * @throws {TypeError} when the batch has no such column.
 */
export function keyOfColumns(batch: ColumnarBatch<unknown>, columns: readonly string[]): KeyOfRow {
  const parts = columns.map((column) => {
    const vector = batch.columns[column];
    if (vector === undefined) throw new TypeError(`finding duplicates by "${column}": "${batch.topic}" has no such column`);
    return valueOf(vector);
  });
  if (parts.length === 1) return parts[0]!;
  return (row) => {
    let key = "";
    for (const part of parts) {
      const value = part(row);
      if (value === null) return null;
      const text = String(value);
      key += `${text.length}:${text}`;
    }
    return key;
  };
}

function valueOf(vector: ColumnVector): KeyOfRow {
  if (vector.kind === "text") {
    const { codes, dictionary } = vector;
    return (row) => (codes[row]! < 0 ? null : dictionary.text(codes[row]!));
  }
  const { values, nulls } = vector;
  return nulls === undefined ? (row) => values[row]! : (row) => (nulls[row] === 1 ? null : values[row]!);
}
