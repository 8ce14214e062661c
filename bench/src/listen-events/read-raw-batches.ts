import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIRST_LOG_VERSION, type RawBatch } from "@millrace/core";
import { PARTITIONS } from "./listen-events.js";

/** The written events in memory, as a log would give them: by partition, in batches of at most `batchRecords`. */
export function readRawBatches(directory: string, batchRecords: number): RawBatch[][] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const data = readFileSync(join(directory, `part-${partition}.ndjson`));
    const times = readFileSync(join(directory, `part-${partition}.appended-at`));
    const appendedAt = new Float64Array(times.buffer.slice(times.byteOffset, times.byteOffset + times.byteLength));
    const starts: number[] = [];
    const ends: number[] = [];
    for (let start = 0, end; (end = data.indexOf(10, start)) >= 0; start = end + 1) {
      starts.push(start);
      ends.push(end);
    }
    const batches: RawBatch[] = [];
    for (let from = 0; from < starts.length; from += batchRecords) {
      const until = Math.min(from + batchRecords, starts.length);
      // Each batch has a buffer of its own, as from a log.
      const first = starts[from]!;
      batches.push({
        topic: "listen_events",
        logVersion: FIRST_LOG_VERSION,
        partition,
        length: until - from,
        offsets: Float64Array.from({ length: until - from }, (_, i) => from + i),
        appendedAt: appendedAt.slice(from, until),
        data: new Uint8Array(data.subarray(first, ends[until - 1]!)),
        valueStart: Int32Array.from(starts.slice(from, until), (start) => start - first),
        valueEnd: Int32Array.from(ends.slice(from, until), (end) => end - first),
        position: until,
        end: starts.length,
      });
    }
    return batches;
  });
}
