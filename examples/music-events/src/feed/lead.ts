import type { Telemetry } from "millrace";
import type { Ends } from "./feed.js";

/** How many records the log is ahead of what the speed layer has made durable. */
export class Lead {
  readonly #durable = new Map<string, number>();
  #waiting: (() => void) | undefined;

  readonly telemetry: Telemetry = (event) => {
    if (event.type !== "Flushed") return;
    this.#durable.set(`${event.topic}/${event.partition}`, event.until);
    this.#waiting?.();
  };

  /** Counts from `ends` on: what was there before is not this run's to wait for. */
  constructor(ends: Ends) {
    for (const [topic, partitions] of Object.entries(ends)) partitions.forEach((end, partition) => this.#durable.set(`${topic}/${partition}`, end));
  }

  records(ends: Ends): number {
    let lead = 0;
    for (const [topic, partitions] of Object.entries(ends))
      partitions.forEach((end, partition) => (lead += Math.max(0, end - (this.#durable.get(`${topic}/${partition}`) ?? 0))));
    return lead;
  }

  /** Resolves once the lead is below `maxRecords`. */
  async below(maxRecords: number, ends: Ends, signal: AbortSignal): Promise<void> {
    while (this.records(ends) >= maxRecords) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => reject(signal.reason as Error);
        signal.addEventListener("abort", onAbort, { once: true });
        this.#waiting = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        if (signal.aborted) onAbort();
      });
    }
  }
}
