import { Observable } from "rxjs";
import { decodeBatch } from "@millrace/core";
import type { ColumnBatch, EventDecoder, EventLog, Retry } from "@millrace/core";
import type { InFlight } from "./in-flight.js";
import { markSource } from "./batch-source.js";
import type { Reading } from "./reading.js";

export interface PartitionReading {
  readonly topic: string;
  readonly partition: number;
  /** First offset wanted. */
  readonly from: number;
  /** Records a batch holds at most; the room that is reserved before each read. */
  readonly maxRecords: number;
  readonly inFlight: InFlight;
  /** What operators may know of it. Absent: nothing but the batches. */
  readonly reading?: Reading;
  /** Repeats what a stream's decoder needs before it can decode. */
  readonly retry: Retry;
}

/**
 * The decoded batches of one partition from `from` on, without end; at the end of the partition one empty batch says so.
 *
 * Reads on only once `inFlight` has room for a whole batch. Errors with what the log or the decoder throws; a decoder
 * that waits for something that is away holds this partition, and nothing of it is skipped.
 * Unsubscribing aborts the read. Concurrency: one read at a time. Memory: the batches in flight, and one that the log
 * may read ahead.
 */
export function partitionBatches<R>(log: EventLog, decoder: EventDecoder<R>, options: PartitionReading): Observable<ColumnBatch<R>> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const { signal } = abort;
    const read = async (): Promise<void> => {
      const { topic, partition, from, maxRecords, inFlight, reading, retry } = options;
      const batches = log.read({ topic, partition, from, maxRecords }, signal)[Symbol.asyncIterator]();
      let follows = from;
      try {
        for (;;) {
          await inFlight.reserve(maxRecords, signal);
          const next = await batches.next();
          if (next.done === true) return;
          const raw = next.value;
          inFlight.take(raw);
          const batch = markSource(await decodeBatch(decoder, raw, signal, retry), { raw, follows, whole: true, ...(reading === undefined ? {} : { reading }) });
          follows = raw.position;
          subscriber.next(batch);
          if (signal.aborted) return;
          // A log that has its records at hand would keep timers and other partitions waiting until the credits are spent.
          if (raw.position < raw.end) await turnOfOthers();
        }
      } finally {
        await batches.return?.();
      }
    };
    read().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => abort.abort();
  });
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
