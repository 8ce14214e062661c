import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What a feed needs to go on exactly where it stopped. Written before each chunk is appended. */
export interface FeedState {
  readonly seed: number;
  readonly users: number;
  readonly startMs: number;
  readonly simulated: boolean;
  /** Events of the simulation before the chunk. */
  readonly taken: number;
  /** End of each topic's partitions before the chunk: what lies beyond is the chunk's, or a part of it. */
  readonly ends: Readonly<Record<string, readonly number[]>>;
}

const statePath = (dataDir: string): string => path.join(dataDir, "feed.json");

/** Undefined in a fresh data directory. */
export function readFeedState(dataDir: string): FeedState | undefined {
  try {
    return JSON.parse(readFileSync(statePath(dataDir), "utf8")) as FeedState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function writeFeedState(dataDir: string, state: FeedState): void {
  mkdirSync(dataDir, { recursive: true });
  const own = `${statePath(dataDir)}.tmp`;
  writeFileSync(own, `${JSON.stringify(state)}\n`);
  renameSync(own, statePath(dataDir));
}
