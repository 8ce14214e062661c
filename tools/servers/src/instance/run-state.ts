import path from "node:path";
import { RunFolderError } from "../errors/run-folder-error.js";
import type { ProcessRecord } from "../process/process-record.js";
import { readStateFile, writeStateFile } from "./state-file.js";

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
  return readStateFile<RunState>(fileOf(runDir), (cause) => new RunFolderError(runDir, `"instance.json" cannot be read`, { cause, advice: "remove the folder" }));
}

export function writeRunState(runDir: string, state: RunState): void {
  writeStateFile(fileOf(runDir), state);
}
