import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RunFolderError } from "../errors/run-folder-error.js";
import { cacheDir } from "../install/cache-dir.js";
import type { ClassArchive } from "../install/class-archive.js";
import { classArchive } from "../install/class-archive.js";
import { findJava } from "../install/find-java.js";
import type { PortLease } from "../ports/port-lease.js";
import { leasePorts } from "../ports/port-lease.js";
import { guard } from "../process/guard.js";
import { holdLock } from "../process/hold-lock.js";
import { ServerProcess } from "../process/server-process.js";
import type { Progress } from "../progress.js";
import { stderrProgress } from "../progress.js";
import type { Tools } from "./node-plan.js";
import type { RunState } from "./run-state.js";
import { readRunState, writeRunState } from "./run-state.js";
import type { ServerKind } from "./server-kind.js";
import { ServerNode } from "./server-node.js";

/** What every server can be started with. */
export interface InstanceOptions {
  /**
   * Folder of configuration, data and logs. What runs there already is found and used. Default: a temporary folder,
   * removed with all data by `stop` and after the end of this process.
   */
  readonly runDir?: string;
  /** Where servers are installed. Default: `MILLRACE_SERVERS_CACHE`, else the user's cache directory. */
  readonly cache?: string;
  /** How long a node may take until it answers, ms; default 240,000. Machines under load need minutes. */
  readonly readyLimitMs?: number;
  /** Takes the lines about what is waited for; default: standard error. */
  readonly progress?: Progress;
}

const DEFAULT_READY_LIMIT_MS = 240_000;
/** How long a process may take to write its classes when it ends. */
const ARCHIVE_LIMIT_MS = 120_000;

/** The nodes of one server, with the folder and the ports they have. */
export class Instance {
  readonly runDir: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly nodes: readonly ServerNode[];
  readonly #temporary: boolean;
  readonly #lease: PortLease | undefined;
  readonly #started: readonly ServerNode[];
  #stopped: Promise<void> | undefined;

  private constructor(parts: Pick<Instance, "runDir" | "ports" | "nodes"> & { readonly temporary: boolean; readonly lease: PortLease | undefined }) {
    this.runDir = parts.runDir;
    this.ports = parts.ports;
    this.nodes = parts.nodes;
    this.#temporary = parts.temporary;
    this.#lease = parts.lease;
    this.#started = parts.nodes.filter((node) => !node.running);
  }

  /**
   * Starts every node that does not run, and resolves when all answer. When that fails, what was started is stopped.
   *
   * @throws {RunFolderError} the folder was made for another server or shape
   * @throws {PortTakenError}, {MissingToolError}, {InstallError}, {NotReadyError}
   */
  static async start<Options extends InstanceOptions>(kind: ServerKind<Options>, options: Options, signal?: AbortSignal): Promise<Instance> {
    signal?.throwIfAborted();
    const runDir = options.runDir === undefined ? temporaryFolder(kind.name) : path.resolve(options.runDir);
    mkdirSync(runDir, { recursive: true });
    const progress = options.progress ?? stderrProgress;
    // Two that start the same instance: the second waits and finds what the first has started.
    const lock = options.runDir === undefined ? undefined : await holdLock(runDir, "start", () => progress(`another process starts ${kind.name} in "${runDir}": waiting for it`), signal);
    const either = AbortSignal.any([signal, lock?.lost].filter((each) => each !== undefined));
    try {
      const state = readRunState(runDir);
      const instance = await Instance.#assemble(kind, options, runDir, state, true);
      try {
        await kind.prepare?.(options, instance);
        await instance.#launch(kind.startsInTurn, either);
      } catch (error) {
        await instance.undo();
        throw error;
      }
      return instance;
    } finally {
      await lock?.release();
    }
  }

  /** The instance of a run folder as it is, running or not; undefined when the folder holds none of this kind. Starts nothing. */
  static async find<Options extends InstanceOptions>(kind: ServerKind<Options>, options: Options & { readonly runDir: string }): Promise<Instance | undefined> {
    const state = readRunState(options.runDir);
    return state?.server === kind.name ? Instance.#assemble(kind, { ...options, ...state.shape }, path.resolve(options.runDir), state, false) : undefined;
  }

  static async #assemble<Options extends InstanceOptions>(kind: ServerKind<Options>, options: Options, runDir: string, state: RunState | undefined, starting: boolean): Promise<Instance> {
    const shape = JSON.parse(JSON.stringify(kind.shape(options))) as Readonly<Record<string, unknown>>;
    if (state !== undefined && (state.server !== kind.name || !isDeepStrictEqual(state.shape, shape))) {
      throw new RunFolderError(runDir, `it was made for ${state.server} ${JSON.stringify(state.shape)}, not for ${kind.name} ${JSON.stringify(shape)}`, {
        advice: "stop what runs there and remove the folder, or use another one",
      });
    }
    const found = Object.fromEntries(Object.entries(state?.processes ?? {}).map(([name, record]) => [name, ServerProcess.find(record)]));
    const fresh = Object.values(found).every((process) => process === undefined);
    const wishes = kind.ports(options);
    let ports = state?.ports;
    let lease: PortLease | undefined;
    if (starting && fresh) {
      // The ports of the last time again: brokers and nodes are known to each other by them.
      const names = Object.keys(wishes);
      lease = await leasePorts(
        names.map((name) => ({ hosts: wishes[name]!.hosts, port: wishes[name]!.port ?? state?.ports[name] })),
        runDir,
      );
      ports = Object.fromEntries(names.map((name, i) => [name, lease!.ports[i]!]));
    }
    const current = { server: kind.name, shape, ports: ports!, processes: { ...state?.processes } };
    if (starting) writeRunState(runDir, current);
    let tools: Promise<Tools> | undefined;
    const progress = options.progress ?? stderrProgress;
    const context = {
      readyLimitMs: options.readyLimitMs ?? DEFAULT_READY_LIMIT_MS,
      discard: options.runDir === undefined,
      progress,
      tools: (signal: AbortSignal | undefined) => {
        tools ??= (kind.tools?.(signal, { cache: options.cache ?? cacheDir(), progress }) ?? findTools(kind, options.cache ?? cacheDir(), progress, signal)).catch((error: unknown) => {
          tools = undefined;
          throw error;
        });
        return tools;
      },
      started: (name: string, record: (typeof current.processes)[string]) => {
        current.processes[name] = record;
        writeRunState(runDir, current);
      },
    };
    const nodes = kind.nodes(options, { runDir, ports: ports! }).map((plan) => new ServerNode(plan, context, found[plan.name]));
    return new Instance({ runDir, ports: ports!, nodes, temporary: options.runDir === undefined, lease });
  }

  async #launch(inTurn: boolean, signal: AbortSignal): Promise<void> {
    const [first, ...others] = this.nodes;
    if (inTurn && others.length > 0) await first!.start(signal);
    // One that fails ends the wait for the others.
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const results = await Promise.allSettled(
      this.nodes.map(async (node) => {
        try {
          await node.launch(either);
          await node.ready(true, either);
        } catch (error) {
          failed.abort(error);
          throw error;
        }
      }),
    );
    signal.throwIfAborted();
    if (results.some(({ status }) => status === "rejected")) throw failed.signal.reason;
  }

  /** The nodes go on when this process ends. */
  async outlive(): Promise<void> {
    for (const { process, plan } of this.nodes) {
      if (!process) continue;
      process.release();
      if (this.#lease) for (const port of plan.ports) await this.#lease.handTo(port, process.record);
    }
  }

  /** Stops the nodes that did not run before. */
  async undo(): Promise<void> {
    await Promise.all(this.#started.map((node) => node.stop(this.#temporary)));
    await this.#cleanUp();
  }

  /** Stops every node, and removes the folder where it was temporary. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= Promise.all(this.nodes.map((node) => node.stop(this.#temporary))).then(() => this.#cleanUp());
    return this.#stopped;
  }

  async #cleanUp(): Promise<void> {
    if (this.#temporary) {
      await rm(this.runDir, { recursive: true, force: true, maxRetries: 3 });
      guard.keep(this.runDir);
    }
    await this.#lease?.release();
  }
}

function temporaryFolder(name: string): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), `millrace-${name}-`)));
  guard.removeLater(folder);
  return folder;
}

async function findTools<Options extends InstanceOptions>(kind: ServerKind<Options>, cache: string, progress: Progress, signal: AbortSignal | undefined): Promise<Tools> {
  const java = await findJava(kind.name, kind.java, process.env, signal);
  const jars = await kind.install({ cache, progress }, signal);
  const tools = { java: java.file, jars };
  const trial = async (archive: ClassArchive): Promise<void> => {
    const writing = { ...kind, tools: () => Promise.resolve({ ...tools, archive }) } as ServerKind<InstanceOptions>;
    const instance = await Instance.start(writing, { progress }, signal);
    await instance.nodes[0]!.process?.terminate(ARCHIVE_LIMIT_MS);
    await instance.stop();
  };
  const archive = await classArchive({ server: kind.name, jars, javaVersion: java.version }, trial, { cache, progress }, signal);
  return archive === undefined ? tools : { ...tools, archive };
}
