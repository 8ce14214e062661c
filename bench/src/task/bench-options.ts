import type { RunTask } from "./tasks.js";

/** What every bench is told. */
export interface BenchOptions {
  readonly events: number;
  readonly log: (line: string) => void;
  /** Where tasks run. Default: each in a process of its own, so that peak memory and compiled code are its own. */
  readonly run?: RunTask;
  /** Measured rounds, after one that is not. Default 3. */
  readonly rounds?: number;
  /** Names of the peers to measure. Default: all but those that run by name only. */
  readonly only?: readonly string[];
}
