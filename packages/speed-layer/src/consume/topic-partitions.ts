import { Observable } from "rxjs";
import type { Clock, EventLog, PartitionDescription } from "@millrace/core";

/**
 * The partitions of a topic: those that are there, and new ones as they are added, each once. Never completes; errors
 * with what the log throws. Unsubscribing aborts the question under way. One question every `refreshMs`.
 */
export function topicPartitions(log: EventLog, topic: string, timers: Clock, refreshMs: number): Observable<PartitionDescription> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const { signal } = abort;
    const watch = async (): Promise<void> => {
      const seen = new Set<number>();
      for (;;) {
        const { partitions } = await log.describe(topic, signal);
        for (const partition of partitions) {
          if (seen.has(partition.partition)) continue;
          seen.add(partition.partition);
          subscriber.next(partition);
        }
        await timers.sleep(refreshMs, signal);
      }
    };
    watch().catch((error: unknown) => subscriber.error(error));
    return () => abort.abort();
  });
}
