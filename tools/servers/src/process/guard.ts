import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { ProcessRecord } from "./process-record.js";

/**
 * One small process beside this one that stops its servers when it dies: after `process.exit`, an uncaught error,
 * Ctrl-C and `kill -9` alike.
 */
class Guard {
  #child: ChildProcess | undefined;
  readonly #watched = new Map<number, { readonly pid: number; readonly mark: string; readonly discard: boolean }>();
  readonly #folders = new Set<string>();

  /** This process ends no later than we do: it is asked to, or killed where its data are to be discarded. */
  watch({ pid, mark }: ProcessRecord, discard: boolean): void {
    const watch = { pid, mark, discard };
    this.#watched.set(pid, watch);
    this.#send({ watch });
  }

  /** It has ended, or is meant to outlive us. */
  release(pid: number): void {
    if (this.#watched.delete(pid)) this.#send({ release: pid });
  }

  /** This folder is removed when we end without having done so. */
  removeLater(folder: string): void {
    this.#folders.add(folder);
    this.#send({ remove: folder });
  }

  /** The folder has been removed. */
  keep(folder: string): void {
    if (this.#folders.delete(folder)) this.#send({ keep: folder });
  }

  #send(message: object): void {
    if (!this.#child) this.#start();
    else this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  /** A new one is told everything, so that the death of the old one loses nothing. */
  #start(): void {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, [fileURLToPath(new URL("./guard-program.mjs", import.meta.url))], { detached: true, stdio: ["pipe", "ignore", "ignore"], env });
    this.#child = child;
    child.unref();
    const pipe = child.stdin as Socket;
    pipe.unref();
    // What its death loses is told to the next one.
    pipe.on("error", () => {});
    child.on("error", () => {});
    child.on("exit", () => {
      this.#child = undefined;
      if (this.#watched.size + this.#folders.size > 0) this.#start();
    });
    for (const watch of this.#watched.values()) this.#send({ watch });
    for (const folder of this.#folders) this.#send({ remove: folder });
  }
}

/** The guard of this process. */
export const guard = new Guard();
