import type { Clock } from "@millrace/core";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * A data directory filled in simulated time says so in this file, or every other process would take its wall clock for
 * the broker's and find all rows expired.
 */
export const sharedClockPath = (dataDir: string): string => path.join(dataDir, "simulated-clock.json");

/** The simulated time that a data directory has reached, epoch ms; undefined when its time is the wall clock's. */
export function readSharedClock(dataDir: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(sharedClockPath(dataDir), "utf8")) as { readonly now: number }).now;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Says where simulated time stands. Called by the one process that drives the clock. */
export function writeSharedClock(dataDir: string, now: number): void {
  mkdirSync(dataDir, { recursive: true });
  const own = path.join(dataDir, `_tmp-simulated-clock-${process.pid}`);
  writeFileSync(own, `${JSON.stringify({ now })}\n`);
  renameSync(own, sharedClockPath(dataDir));
}

const REFRESH_MS = 100;

/**
 * The clock of a data directory for a process that does not drive it: the simulated time last said there, or the
 * system's where none was.
 */
export function sharedClock(dataDir: string, system: Clock): Clock {
  let readAt = -Infinity;
  let simulated: number | undefined;
  return {
    now() {
      const wall = system.now();
      if (wall - readAt >= REFRESH_MS) {
        simulated = readSharedClock(dataDir);
        readAt = wall;
      }
      return simulated ?? wall;
    },
    sleep: (ms, signal) => system.sleep(ms, signal),
  };
}
