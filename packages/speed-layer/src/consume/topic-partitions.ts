import { Observable } from "rxjs";
import type { Clock, EventLog, PartitionDescription } from "@millrace/core";
import type { Ownership } from "../ownership/ownership.js";
import { pausedUntilChange } from "../ownership/paused-until-change.js";

/** A partition that this process owns. */
export interface OwnedPartition {
  readonly description: PartitionDescription;
  /** Aborted when it is another's; it comes again if it comes back. */
  readonly lost: AbortSignal;
}

/**
 * The partitions of a topic that this process owns: those that are there, and more as they come, each once as long as it
 * is owned. Never completes; errors with what the log throws. Unsubscribing aborts the question under way. One question
 * every `refreshMs`, and one after each change of what is owned.
 */
export function topicPartitions(log: EventLog, topic: string, timers: Clock, refreshMs: number, ownership: Ownership): Observable<OwnedPartition> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const { signal } = abort;
    const owned = new Map<number, AbortController>();
    const watch = async (): Promise<void> => {
      await ownership.known(signal);
      for (;;) {
        const { version } = ownership;
        for (const [partition, lost] of owned) {
          if (ownership.owns(topic, partition)) continue;
          owned.delete(partition);
          lost.abort();
        }
        const { partitions } = await log.describe(topic, signal);
        for (const description of partitions) {
          const { partition } = description;
          if (owned.has(partition) || !ownership.owns(topic, partition)) continue;
          const lost = new AbortController();
          owned.set(partition, lost);
          subscriber.next({ description, lost: lost.signal });
        }
        await pausedUntilChange(ownership, version, timers, refreshMs, signal);
      }
    };
    watch().catch((error: unknown) => subscriber.error(error));
    return () => abort.abort();
  });
}
