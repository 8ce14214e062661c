import type { EventLog } from "millrace";

/** A record of the log as it lies there. */
export interface DumpedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly appendedAt: number;
  readonly value: Uint8Array | null;
}

/** Everything in some topics of a log. */
export async function dumpLog(log: EventLog, topics: readonly string[], signal: AbortSignal): Promise<readonly DumpedRecord[]> {
  const records: DumpedRecord[] = [];
  for (const topic of topics) {
    for (const { partition, start } of (await log.describe(topic, signal)).partitions) {
      const reading = new AbortController();
      for await (const batch of log.read({ topic, partition, from: start }, AbortSignal.any([signal, reading.signal]))) {
        for (let i = 0; i < batch.length; i++) {
          const value = batch.valueStart[i]! < 0 ? null : batch.data.slice(batch.valueStart[i], batch.valueEnd[i]);
          records.push({ topic, partition, offset: batch.offsets[i]!, appendedAt: batch.appendedAt[i]!, value });
        }
        if (batch.position >= batch.end) break;
      }
      reading.abort();
    }
  }
  return records;
}
