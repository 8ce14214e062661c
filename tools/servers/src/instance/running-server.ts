import type { Instance } from "./instance.js";

/** What every server has that was started. */
export interface RunningServer extends AsyncDisposable {
  readonly runDir: string;
  /** Stops its processes. Without a `runDir` of yours all data go. Safe to call twice. */
  stop(): Promise<void>;
}

/** An instance as its starter has it. */
export const runningServer = (instance: Pick<Instance, "runDir" | "stop">): RunningServer => ({
  runDir: instance.runDir,
  stop: () => instance.stop(),
  [Symbol.asyncDispose]: () => instance.stop(),
});
