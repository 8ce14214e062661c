import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import { fiveViews } from "../decode-fold/five-views.js";
import { clockAfter } from "../listen-events/clock-after.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { MINUTES } from "../listen-events/listen-events.js";

/** Resolves once the last view is durable up to `records` of the log, all partitions together. */
export async function awaitDurable(directory: string, records: number, signal: AbortSignal): Promise<void> {
  const store = lmdbViewStore({ path: join(directory, "store"), clock: clockAfter(MINUTES, 0) });
  const view = fiveViews.at(-1)!;
  try {
    for (;;) {
      const rows = await store.readProgress(view.fingerprint, LISTEN_EVENTS, signal);
      const durable = rows.reduce((sum, row) => sum + row.records, 0);
      if (durable >= records) return;
      await delay(5, undefined, { signal });
    }
  } finally {
    await store.close();
  }
}
