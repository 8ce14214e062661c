import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SimulatorConfig, Trap } from "../simulator/index.js";

/** Goes up whenever the same options give other events, for then no earlier run can be gone on with. */
const SIMULATOR_VERSION = 2;

/** What is simulated, beside how many and from when. */
export interface Site {
  readonly config: SimulatorConfig;
  /** Sign-ups a year for each user there is. */
  readonly growthRate: number;
  readonly traps: readonly Trap[];
}

/** A site as a data directory remembers it. */
export interface SiteRecord {
  readonly simulatorVersion: number;
  readonly config: string;
  readonly configDigest: string;
  readonly growthRate: number;
  readonly traps: readonly string[];
}

export function siteRecordOf({ config, growthRate, traps }: Site): SiteRecord {
  return { simulatorVersion: SIMULATOR_VERSION, config: config.source, configDigest: config.digest, growthRate, traps };
}

/** Why events of `site` do not go on those of `record`; undefined when they do. A configuration may have moved, but not changed. */
export function siteMismatch(record: SiteRecord | undefined, site: Site): string | undefined {
  const now = siteRecordOf(site);
  if (record?.simulatorVersion !== now.simulatorVersion) return "by another version of the simulator";
  if (record.configDigest !== now.configDigest) {
    return record.config === now.config ? `when --config ${now.config} said something else` : `with --config ${record.config}, not ${now.config}`;
  }
  if (record.growthRate !== now.growthRate) return `with --growth-rate ${record.growthRate}, not ${now.growthRate}`;
  const named = (traps: readonly string[]) => (traps.length === 0 ? "none" : traps.join(","));
  if (named(record.traps) !== named(now.traps)) return `with --traps ${named(record.traps)}, not ${named(now.traps)}`;
  return undefined;
}

/** What a feed needs to go on exactly where it stopped. Written before each chunk is appended. */
export interface FeedState {
  readonly seed: number;
  readonly users: number;
  readonly startMs: number;
  readonly simulated: boolean;
  /** Absent where an earlier version of the simulator wrote. */
  readonly site?: SiteRecord;
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
