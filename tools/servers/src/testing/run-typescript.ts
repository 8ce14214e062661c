import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const argsOf = (file: URL, args: readonly string[]): string[] => ["--import", "tsx", fileURLToPath(file), ...args];

/** Starts a program of this repository; it is one process, which can be killed. */
export const startTypeScript = (file: URL, args: readonly string[]): ChildProcess => spawn(process.execPath, argsOf(file, args), { cwd: root, stdio: ["ignore", "pipe", "inherit"] });

/** Runs a program of this repository to its end and resolves with what it printed. */
export const runTypeScript = async (file: URL, args: readonly string[]): Promise<string> => (await promisify(execFile)(process.execPath, argsOf(file, args), { cwd: root })).stdout;

/** The first line that a program prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([once(lines, "line"), once(child, "exit").then(([code]) => Promise.reject(new Error(`the program ended with ${String(code)} and printed nothing`)))])) as [string];
  return line;
}
