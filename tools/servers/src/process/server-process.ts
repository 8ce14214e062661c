import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { guard } from "./guard.js";
import type { ProcessRecord } from "./process-record.js";
import { startMark } from "./start-mark.mjs";

/** A program with its arguments. */
export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Over ours; what is undefined is taken away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Between two looks at a process that is not our child. */
const LOOK_MS = 50;

/**
 * A process of a server: launched by us, or found by its record. It has a session of its own, so that Ctrl-C in a
 * terminal reaches us alone; the guard answers for its end.
 */
export class ServerProcess {
  readonly record: ProcessRecord;
  readonly #child: ChildProcess | undefined;

  private constructor(record: ProcessRecord, child: ChildProcess | undefined) {
    this.record = record;
    this.#child = child;
  }

  /** Starts a program; what it prints is appended to `logFile`. `discard`: nobody wants its data after our end. */
  static async launch({ file, args, cwd, env }: CommandLine, logFile: string, discard: boolean): Promise<ServerProcess> {
    const log = openSync(logFile, "a");
    try {
      const child = spawn(file, args, { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env }, detached: true, stdio: ["ignore", log, log] });
      if (child.pid === undefined) {
        // It says on the next turn why not.
        const [error] = (await once(child, "error")) as [Error];
        throw error;
      }
      const record = { pid: child.pid, mark: startMark(child.pid) ?? "ended" };
      guard.watch(record, discard);
      child.once("exit", () => guard.release(record.pid));
      child.unref();
      return new ServerProcess(record, child);
    } finally {
      closeSync(log);
    }
  }

  /** The process of a record, if it still runs. */
  static find(record: ProcessRecord): ServerProcess | undefined {
    const found = new ServerProcess(record, undefined);
    return found.running ? found : undefined;
  }

  get running(): boolean {
    if (this.#child) return this.#child.exitCode === null && this.#child.signalCode === null;
    return startMark(this.record.pid) === this.record.mark;
  }

  /** How it ended, in words; undefined while it runs and when it was not our child. */
  get ending(): string | undefined {
    if (!this.#child || this.running) return undefined;
    return this.#child.signalCode === null ? `exit code ${this.#child.exitCode}` : this.#child.signalCode;
  }

  /** Sends a signal, unless it has ended. */
  send(signal: NodeJS.Signals): void {
    if (this.running) process.kill(this.record.pid, signal);
  }

  /** Resolves once it is gone, or after the time with false. */
  async ended(withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs;
    while (this.running) {
      if (performance.now() > until) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  /** Asks it to end and resolves once it has; after `graceMs` it is killed. */
  async terminate(graceMs: number): Promise<void> {
    // A paused process takes no other signal.
    this.send("SIGCONT");
    this.send("SIGTERM");
    if (!(await this.ended(graceMs))) await this.kill();
  }

  /** Kills it and resolves once it is gone. */
  async kill(): Promise<void> {
    this.send("SIGKILL");
    await this.ended(Infinity);
  }

  /** It may outlive us from now on. */
  release(): void {
    guard.release(this.record.pid);
  }
}
