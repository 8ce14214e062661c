import { readStateFile, writeStateFile } from "@millrace/servers";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { ClusterUsageError } from "./cluster-errors.js";

/** What a run folder was made with, so that every later command finds the same cluster. */
export interface ClusterState {
  readonly portOffset: number;
  /** Parts of the last `up`. */
  readonly parts: readonly string[];
  /** It was stopped, or has not come up yet: nobody expects its processes to run. */
  readonly isDown: boolean;
  /** When it was made, epoch ms. */
  readonly startedAtMs: number;
  /** Mean events per second of the simulator. */
  readonly rate: number;
  readonly seed: number;
  /** History that is simulated first, hours. */
  readonly backfillHours: number;
  readonly traps: string;
  /** Of the pipeline. */
  readonly config: string;
}

const fileOf = (runDir: string): string => path.join(runDir, "cluster.json");

/** Undefined where nothing was started. */
export function readClusterState(runDir: string): ClusterState | undefined {
  const file = fileOf(runDir);
  return readStateFile<ClusterState>(file, (cause) => new ClusterUsageError(`reading "${file}": it is not JSON`, { cause, advice: "npm run cluster -- down --delete-data, and start anew" }));
}

export function writeClusterState(runDir: string, state: ClusterState): void {
  mkdirSync(runDir, { recursive: true });
  writeStateFile(fileOf(runDir), state);
}

/** Settings that the data of a cluster depend on. */
export type MadeWith = Omit<ClusterState, "parts" | "isDown" | "startedAtMs">;

const OPTIONS: Readonly<Record<keyof MadeWith, string>> = { portOffset: "--port-offset", rate: "--rate", seed: "--seed", backfillHours: "--backfill", traps: "--traps", config: "--config" };

/**
 * The state of a cluster that is started now: what is given, else what it was made with, else the default.
 *
 * @throws {ClusterUsageError} something else is given than the cluster was made with
 */
export function nextState(made: ClusterState | undefined, given: Partial<MadeWith>, defaults: MadeWith, parts: readonly string[], nowMs: number): ClusterState {
  if (made === undefined) return { ...defaults, ...given, parts, isDown: true, startedAtMs: nowMs };
  const changed = (Object.keys(OPTIONS) as (keyof MadeWith)[]).filter((name) => given[name] !== undefined && given[name] !== made[name]);
  if (changed.length > 0) {
    throw new ClusterUsageError(`starting the cluster: it was made with ${changed.map((name) => `${OPTIONS[name]} ${made[name] === "" ? "none" : made[name]}`).join(", ")}, and its data depend on that`, {
      advice: "leave the option out; or begin anew: npm run cluster -- down --delete-data; or use another folder: --run-dir",
    });
  }
  return { ...made, parts };
}
