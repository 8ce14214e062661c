import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NotReadyError } from "../errors/not-ready-error.js";
import type { ProcessRecord } from "../process/process-record.js";
import { ServerProcess } from "../process/server-process.js";
import type { Progress } from "../progress.js";
import { logTail } from "./log-tail.js";
import type { NodePlan, Tools } from "./node-plan.js";

const PAUSE_MS = 200;
const PROBE_LIMIT_MS = 15_000;
const TELL_EVERY_MS = 10_000;

/** What a node needs from the instance it belongs to. */
export interface NodeContext {
  /** How long it may take until it answers, ms. */
  readonly readyLimitMs: number;
  /** Its data are of no use after the end of this process. */
  readonly discard: boolean;
  readonly progress: Progress;
  /** Installs the server on first use. */
  tools(signal: AbortSignal | undefined): Promise<Tools>;
  /** The node has a new process. */
  started(name: string, record: ProcessRecord): void;
}

/** One process of a server that can be started, killed, paused and stopped, again and again. */
export class ServerNode {
  readonly plan: NodePlan;
  readonly #context: NodeContext;
  #process: ServerProcess | undefined;

  constructor(plan: NodePlan, context: NodeContext, process: ServerProcess | undefined) {
    this.plan = plan;
    this.#context = context;
    this.#process = process;
  }

  get name(): string {
    return this.plan.name;
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  /** The process that runs, if one does. */
  get process(): ServerProcess | undefined {
    return this.running ? this.#process : undefined;
  }

  /** What it prints. */
  get outputFile(): string {
    return path.join(this.plan.dir, "output.log");
  }

  /** The programs that it is made of. */
  tools(signal?: AbortSignal): Promise<Tools> {
    return this.#context.tools(signal);
  }

  /** Starts it, unless it runs, without waiting for an answer. */
  async launch(signal?: AbortSignal): Promise<void> {
    if (this.running) return;
    signal?.throwIfAborted();
    mkdirSync(this.plan.dir, { recursive: true });
    const command = await this.plan.prepare(await this.#context.tools(signal), signal);
    signal?.throwIfAborted();
    this.#process = await ServerProcess.launch(command, this.outputFile, this.#context.discard);
    this.#context.started(this.name, this.#process.record);
  }

  /** Starts it, unless it runs, and resolves when it answers. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.launch(signal);
    await this.ready(false, signal);
  }

  /** @throws {NotReadyError} it died, or gave no answer in time; the end of its log is in the message */
  async ready(everyone: boolean, signal?: AbortSignal): Promise<void> {
    const { readyLimitMs, progress } = this.#context;
    const begin = performance.now();
    let told = begin;
    for (;;) {
      signal?.throwIfAborted();
      if (!this.running) throw new NotReadyError(this.name, `the process ended (${this.#process?.ending ?? "it was not started"})`, this.logTail(30));
      let why: unknown;
      try {
        const limit = AbortSignal.timeout(PROBE_LIMIT_MS);
        return await this.#ask(everyone, signal === undefined ? limit : AbortSignal.any([signal, limit]));
      } catch (error) {
        why = error;
      }
      signal?.throwIfAborted();
      const now = performance.now();
      if (now - begin > readyLimitMs) throw new NotReadyError(this.name, `no answer after ${Math.round(readyLimitMs / 1000)} s`, this.logTail(30), { cause: why });
      if (now - told > TELL_EVERY_MS) {
        told = now;
        progress(`${this.name}: waiting for its answer (${Math.round((now - begin) / 1000)} s)`);
      }
      await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Whether it answers within this time. */
  async answers(withinMs: number): Promise<boolean> {
    return this.#ask(false, AbortSignal.timeout(withinMs)).then(
      () => true,
      () => false,
    );
  }

  /** Asks until the signal and no longer: a client may take its time to notice. */
  #ask(everyone: boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      this.plan
        .probe(everyone, signal)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", onAbort));
    });
  }

  /** `kill -9`; resolves once it is gone. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Asks it to end and waits until it has; killed at once where its data are to be discarded. */
  async stop(discard = false): Promise<void> {
    if (discard) await this.#process?.kill();
    else await this.#process?.terminate(this.plan.graceMs);
  }

  /** It stands still as a machine does that hangs: connections stay open, nothing answers. */
  pause(): void {
    this.#process?.send("SIGSTOP");
  }

  /** Ends a `pause`. */
  resume(): void {
    this.#process?.send("SIGCONT");
  }

  /** The end of what it printed and of its own logs. */
  logTail(lines: number): string {
    return [this.outputFile, ...this.plan.logFiles]
      .map((file) => ({ file, tail: logTail(file, lines) }))
      .filter(({ tail }) => tail.length > 0)
      .map(({ file, tail }) => `--- ${file}\n${tail.join("\n")}`)
      .join("\n");
  }
}
