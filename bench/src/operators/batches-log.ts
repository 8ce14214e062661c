import type { EventLog, RawBatch } from "@millrace/core";

/** A log in memory that gives its batches as they are: what is measured is what is done with them. Reading ends at the end. */
export function batchesLog(topic: string, partitions: readonly (readonly RawBatch[])[]): EventLog {
  const readOnly = () => Promise.reject(new Error(`the log of "${topic}" can only be read`));
  return {
    name: "batches",
    describe: () =>
      Promise.resolve({
        topic,
        timestamps: "append",
        retentionMs: null,
        compacted: false,
        partitions: partitions.map((batches, partition) => ({ partition, logVersion: 1_024, start: 0, end: batches.at(-1)?.position ?? 0 })),
      }),
    topics: () => Promise.resolve([topic]),
    async *read({ partition }, signal) {
      for (const batch of partitions[partition]!) {
        signal.throwIfAborted();
        yield batch;
      }
    },
    offsetAt: readOnly,
    createTopic: readOnly,
    append: readOnly,
    close: () => Promise.resolve(),
  };
}
