import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TaskName, Tasks } from "./tasks.js";

// Compiled: a loader for TypeScript in the process would be measured, too.
const MAIN = fileURLToPath(new URL("../../dist/run-task.js", import.meta.url));

export interface TaskProcess<N extends TaskName> {
  /** Rejects when the process ends without a result. */
  readonly result: ReturnType<Tasks[N]>;
  /** `kill -9`; resolves once the process is gone. */
  kill(): Promise<void>;
}

/** Starts a process that runs one task, and ends when this one is gone. `MILLRACE_BENCH_NODE_OPTIONS` adds options of Node, such as `--cpu-prof`. */
export function startProcess<N extends TaskName>(name: N, params: Parameters<Tasks[N]>[0]): TaskProcess<N> {
  const more = (process.env["MILLRACE_BENCH_NODE_OPTIONS"] ?? "").split(" ").filter((option) => option !== "");
  const child = spawn(process.execPath, ["--expose-gc", ...more, MAIN, name, JSON.stringify(params)], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const result = closed.then(() => {
    if (child.exitCode !== 0) throw new Error(`running "${name}": the process ended with ${child.exitCode ?? child.signalCode}`);
    return JSON.parse(output) as unknown;
  });
  // Who kills it does not wait for its result.
  result.catch(() => {});
  return {
    result: result as ReturnType<Tasks[N]>,
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
