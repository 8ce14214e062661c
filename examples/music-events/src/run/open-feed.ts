import { drivenClock, readSharedClock, writeSharedClock, type Clock } from "millrace";
import { BackfillClock } from "../feed/backfill-clock.js";
import { readFeedState, siteMismatch, type FeedState, type Site } from "../feed/feed-state.js";
import { Feed } from "../feed/feed.js";
import { createMusicEvents } from "../music-events.js";
import { loadConfig, usersForRate } from "../simulator/index.js";
import type { RunOptions } from "./run-options.js";

/** Noon of a Monday, when people listen. Simulated runs start here, so that the same seed gives the same log. */
const SIMULATED_START_MS = Date.UTC(2025, 0, 6, 12);

const HOUR_MS = 3_600_000;

/** The run was asked for something that its data directory contradicts. */
export class DataDirMismatchError extends Error {
  readonly code = "DATA_DIR_MISMATCH";
  readonly retryable = false;
}

/** A clock that the feed moves. */
export interface FeedClock extends Clock {
  advanceTo(instant: number): void;
  /** Simulated time is left behind: from now on it is the system's. No-op for a simulated run. */
  goLive(): void;
}

/** Opens the pipeline and the feed that goes on where an earlier run stopped. */
export async function openFeed(options: RunOptions, nowMs: number, signal: AbortSignal) {
  const { dataDir, pace } = options;
  const simulated = pace.kind !== "wall";
  const site: Site = { config: loadConfig(options.config ?? "example"), growthRate: options.growthRate ?? 1, traps: options.traps ?? [] };
  const resumed = readFeedState(dataDir);
  if (resumed) refuseMismatch(resumed, simulated, options, site);
  const { seed, users, startMs } = resumed ?? {
    seed: options.seed,
    users: usersForRate(options.rate, site.config),
    startMs: simulated ? SIMULATED_START_MS : Math.floor(nowMs / 1_000) * 1_000 - options.backfillHours * HOUR_MS,
  };
  const clock = simulated ? simulatedFeedClock(dataDir, startMs) : new BackfillClock(startMs);
  const lambda = createMusicEvents({ dataDir, clock });
  const feed = await Feed.open({ log: lambda.platform.log, dataDir, seed, users, startMs, simulated, site, resumed }, signal);
  return { lambda, feed, clock: clock as FeedClock, resumed: resumed !== undefined };
}

function refuseMismatch(resumed: FeedState, simulated: boolean, options: RunOptions, site: Site): void {
  if (resumed.simulated !== simulated)
    throw new DataDirMismatchError(
      `"${options.dataDir}" holds ${resumed.simulated ? "simulated" : "wall-clock"} time: ${resumed.simulated ? "go on with --speed 60 or --speed max" : "go on without --speed"}, or choose another directory with --data`,
    );
  if (options.events !== undefined && resumed.taken > options.events)
    throw new DataDirMismatchError(`"${options.dataDir}" already holds ${resumed.taken} events, more than --events ${options.events}: choose another directory with --data`);
  if (resumed.seed !== options.seed)
    throw new DataDirMismatchError(`"${options.dataDir}" was filled with --seed ${resumed.seed}, not ${options.seed}: choose another directory with --data`);
  const mismatch = siteMismatch(resumed.site, site);
  if (mismatch !== undefined) throw new DataDirMismatchError(`"${options.dataDir}" was filled ${mismatch}: choose another directory with --data`);
}

function simulatedFeedClock(dataDir: string, startMs: number): FeedClock {
  const clock = drivenClock(readSharedClock(dataDir) ?? startMs);
  writeSharedClock(dataDir, clock.now());
  let saidAt = performance.now();
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    goLive: () => {},
    advanceTo(instant) {
      clock.advanceTo(instant);
      // Other processes look every 100 ms at most.
      if (performance.now() - saidAt < 100) return;
      saidAt = performance.now();
      writeSharedClock(dataDir, clock.now());
    },
  };
}
