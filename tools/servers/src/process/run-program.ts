import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { guard } from "./guard.js";
import type { CommandLine } from "./server-process.js";
import { startMark } from "./start-mark.mjs";

/** What a program said and how it ended. */
export interface ProgramResult {
  readonly code: number | null;
  /** Its standard output and error, in order of arrival. */
  readonly lines: readonly string[];
}

/**
 * Runs a program to its end. An abort ends it with SIGTERM; it does not outlive us.
 *
 * @throws what the system says when there is no such program (`ENOENT`), and the reason of the abort
 */
export async function runProgram({ file, args, cwd, env }: CommandLine, options: { readonly onLine?: (line: string) => void } = {}, signal?: AbortSignal): Promise<ProgramResult> {
  signal?.throwIfAborted();
  const lines: string[] = [];
  const child = spawn(file, args, { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) guard.watch({ pid: child.pid, mark: startMark(child.pid) ?? "ended" }, true);
  const stop = (): void => void child.kill("SIGTERM");
  signal?.addEventListener("abort", stop);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      options.onLine?.(line);
    });
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    signal?.throwIfAborted();
    return { code, lines };
  } finally {
    signal?.removeEventListener("abort", stop);
    if (child.pid !== undefined) guard.release(child.pid);
  }
}
