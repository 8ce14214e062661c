import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { RunFolderError } from "../errors/run-folder-error.js";
import type { ProcessRecord } from "../process/process-record.js";

/** What is written down about an instance in its run folder, so that another process finds what runs. */
export interface RunState {
  readonly server: string;
  readonly shape: Readonly<Record<string, unknown>>;
  readonly ports: Readonly<Record<string, number>>;
  /** The last process of each node, running or not. */
  readonly processes: Readonly<Record<string, ProcessRecord>>;
}

const fileOf = (runDir: string): string => path.join(runDir, "instance.json");

/** Undefined when nothing was ever started there. */
export function readRunState(runDir: string): RunState | undefined {
  let text: string;
  try {
    text = readFileSync(fileOf(runDir), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as RunState;
  } catch (cause) {
    throw new RunFolderError(runDir, `"instance.json" cannot be read`, { cause, advice: "remove the folder" });
  }
}

/** Replaces the file at once, so that a reader never sees half of it. */
export function writeRunState(runDir: string, state: RunState): void {
  writeFileSync(`${fileOf(runDir)}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${fileOf(runDir)}.new`, fileOf(runDir));
}
