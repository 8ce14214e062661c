import { FIRST_LOG_VERSION, rawBatchOf } from "@millrace/core";
import type { EventBatch } from "@millrace/core";
import { markSource } from "../consume/batch-source.js";

export interface RowRecord<R> {
  readonly offset: number;
  /** Default: 0. */
  readonly appendedAt?: number;
  /** Absent: the record is no row, as a dead letter. */
  readonly row?: R;
}

/** A batch of partition 0 of "t" as `consume` gives it, of rows that need no decoding. */
export function rowBatch<R>(follows: number, records: readonly RowRecord<R>[], position?: number): EventBatch<R> {
  const raw = rawBatchOf(
    { topic: "t", logVersion: FIRST_LOG_VERSION, partition: 0 },
    records.map(({ offset, appendedAt = 0 }) => ({ offset, appendedAt, value: new Uint8Array() })),
    { position: position ?? (records.at(-1)?.offset ?? follows - 1) + 1 },
  );
  const rows = records.filter((record) => record.row !== undefined);
  return markSource(
    {
      topic: raw.topic,
      logVersion: raw.logVersion,
      partition: raw.partition,
      from: records[0]?.offset ?? follows,
      until: raw.position,
      length: rows.length,
      offsets: Float64Array.from(rows, ({ offset }) => offset),
      appendedAt: Float64Array.from(rows, ({ appendedAt = 0 }) => appendedAt),
      rows: rows.map(({ row }) => row!),
    },
    { raw, follows, whole: true },
  );
}
