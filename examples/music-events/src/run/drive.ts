import { setTimeout as delay } from "node:timers/promises";
import type { Ends, Feed } from "../feed/feed.js";
import type { Lead } from "../feed/lead.js";
import type { Pace } from "../feed/pace.js";
import type { FeedClock } from "./open-feed.js";

/** Records that the log may be ahead of the speed layer: the feed waits, as a producer with a full queue would. */
const MAX_LEAD_RECORDS = 100_000;
const CHUNK_EVENTS = 5_000;
/** A chunk is stamped with one broker time, so it spans little of it: or most of its events would count as late. */
const CHUNK_MS = 50_000;
const TICK_MS = 100;

export interface DriveOptions {
  readonly pace: Pace;
  /** Events of the whole simulation to stop at. */
  readonly untilEvents: number;
  readonly startedAtMs: number;
}

/** Moves the clock and appends what has happened, until `untilEvents` or abort. */
export async function drive(feed: Feed, clock: FeedClock, lead: Lead, { pace, untilEvents, startedAtMs }: DriveOptions, signal: AbortSignal): Promise<void> {
  const clockStart = clock.now();
  const wallStart = performance.now();
  let live = false;
  while (feed.taken < untilEvents) {
    signal.throwIfAborted();
    const due = dueUntil();
    const chunk = feed.take(Math.min(due, feed.nextTs + CHUNK_MS), Math.min(CHUNK_EVENTS, untilEvents - feed.taken));
    if (chunk === undefined) {
      if (pace.kind === "wall" && !live) {
        live = true;
        clock.goLive();
      }
      if (pace.kind === "times") clock.advanceTo(due);
      await delay(TICK_MS, undefined, { signal });
      continue;
    }
    clock.advanceTo(chunk.lastTs);
    const ends: Ends = await chunk.append(signal);
    await lead.below(MAX_LEAD_RECORDS, ends, signal);
  }

  function dueUntil(): number {
    const elapsed = performance.now() - wallStart;
    switch (pace.kind) {
      case "max":
        return Infinity;
      case "times":
        return clockStart + elapsed * pace.factor;
      case "wall":
        return startedAtMs + elapsed;
    }
  }
}
