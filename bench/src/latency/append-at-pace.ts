import { setTimeout as delay } from "node:timers/promises";
import type { EventLog } from "@millrace/core";
import type { ListenEvent } from "../listen-events/listen-events.js";

/** A record, when it was due and when its append was confirmed, by `performance.now()`. */
export interface PacedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly dueAt: number;
  readonly appendedAt: number;
}

const TICK_MS = 5;

/**
 * Appends events of now at an even pace, open loop: an append that takes long does not hold the next one back. Resolves
 * once all are confirmed.
 */
export async function appendAtPace(log: EventLog, topic: string, events: Iterable<ListenEvent>, eventsPerSecond: number): Promise<readonly PacedRecord[]> {
  const { signal } = new AbortController();
  const all = [...events];
  const eachTick = Math.max(1, Math.round((eventsPerSecond * TICK_MS) / 1_000));
  const start = performance.now() + TICK_MS;
  const appends: Promise<PacedRecord[]>[] = [];
  for (let tick = 0, from = 0; from < all.length; tick++, from += eachTick) {
    const dueAt = start + (tick * eachTick * 1_000) / eventsPerSecond;
    const pause = dueAt - performance.now();
    if (pause > 0) await delay(pause);
    const now = Date.now();
    const records = all.slice(from, from + eachTick).map(({ partition, value }) => ({ partition, value: value.replace(/"ts":\d+/, `"ts":${now}`) }));
    appends.push(
      log.append(topic, records, signal).then((appended) => {
        const appendedAt = performance.now();
        return appended.map(({ partition, offset }) => ({ partition, offset, dueAt, appendedAt }));
      }),
    );
  }
  return (await Promise.all(appends)).flat();
}
