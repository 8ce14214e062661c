import type { Instance, KnownServer } from "@millrace/servers";
import { describeError, runProgram, startAll, startsInOrder } from "@millrace/servers";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setUpSuperset } from "../superset/set-up-superset.js";
import { clusterEnvironment, dagEnvironment } from "./cluster-environment.js";
import { ClusterUsageError } from "./cluster-errors.js";
import { CLUSTER_PARTS, flagsOf, PART_NAMES, portsOf, selectParts, serverOf, type ClusterPart, type ClusterPorts, type Selection } from "./cluster-parts.js";
import { nextState, readClusterState, writeClusterState, type ClusterState, type MadeWith } from "./cluster-state.js";
import { readClusterStatus, shortTail, type ClusterStatus, type FoundPart } from "./cluster-status.js";
import { pipelineServers } from "./pipeline-servers.js";
import { checkJava, checkMemory, checkPorts } from "./start-checks.js";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../millrace.config.ts", import.meta.url));
const PIPELINE = ["simulator", "ingest", "speed", "serving"];

/** What a cluster is made with where nothing is said. */
export const CLUSTER_DEFAULTS: MadeWith = { portOffset: 0, rate: 30, seed: 7, backfillHours: 2, traps: "", config: CONFIG };

/** What `up` is asked for. */
export interface UpOptions extends Selection, Partial<MadeWith> {
  /** All parts, also where the last `up` left some out. */
  readonly all?: boolean;
  readonly memoryCheck: boolean;
  /** Whether the packages are built before the pipeline's first process starts. */
  readonly build: boolean;
  /** MB. */
  readonly freeMemoryMb: number;
  readonly nowMs: number;
  readonly progress: (line: string) => void;
}

/** The deployment of the reference pipeline in one run folder, running or not. */
export class Cluster {
  readonly runDir: string;
  readonly state: ClusterState | undefined;
  readonly ports: ClusterPorts;
  readonly environment: Readonly<Record<string, string>>;
  readonly #servers: readonly (readonly [part: ClusterPart, server: KnownServer])[];

  private constructor(runDir: string, state: ClusterState | undefined) {
    const made = state ?? CLUSTER_DEFAULTS;
    this.runDir = runDir;
    this.state = state;
    this.ports = portsOf(made.portOffset);
    this.environment = clusterEnvironment(this.ports, state?.parts ?? PART_NAMES);
    const pipeline = pipelineServers({ ...made, environment: this.environment });
    this.#servers = CLUSTER_PARTS.map((part) => [part, serverOf(part, pipeline)] as const);
  }

  /** What a run folder holds, if anything. Starts nothing. */
  static open(runDir: string): Cluster {
    return new Cluster(path.resolve(runDir), readClusterState(runDir));
  }

  /** Parts that were started at some time, in order. */
  async found(): Promise<readonly FoundPart[]> {
    const found = await Promise.all(
      this.#servers.map(async ([part, server]): Promise<readonly FoundPart[]> => {
        const instance = await this.#find(server);
        return instance === undefined ? [] : [{ part, server, instance }];
      }),
    );
    return found.flat();
  }

  async status(): Promise<ClusterStatus> {
    const parts = this.state?.parts ?? [];
    const found = (await this.found()).filter(({ part, instance }) => parts.includes(part.name) || instance.nodes.some(({ running }) => running));
    return readClusterStatus(this.runDir, found, this.ports, this.environment);
  }

  /**
   * Starts what does not run, in order, and resolves when all answers; it goes on after this process. When something
   * fails, or at an abort, what was started is stopped again.
   *
   * @throws {ClusterUsageError}, {ClusterPortsError}, {ClusterMemoryError}, and what starting a server throws
   */
  static async up(runDir: string, { only, without, all, memoryCheck, build: toBuild, freeMemoryMb, nowMs, progress, ...given }: UpOptions, signal: AbortSignal): Promise<Cluster> {
    const made = readClusterState(runDir);
    const chosen = only !== undefined || without !== undefined || all === true || made === undefined ? { ...(only && { only }), ...(without && { without }) } : { only: made.parts };
    const parts = selectParts(chosen);
    const state = nextState(made, given, CLUSTER_DEFAULTS, parts.map(({ name }) => name), nowMs);
    const cluster = new Cluster(path.resolve(runDir), state);
    await cluster.#start(parts, { wasDown: made?.isDown !== false, memoryCheck, build: toBuild, freeMemoryMb, progress }, signal);
    writeClusterState(cluster.runDir, { ...state, isDown: false });
    return Cluster.open(runDir);
  }

  async #start(parts: readonly ClusterPart[], { wasDown, memoryCheck, build: toBuild, freeMemoryMb, progress }: Pick<UpOptions, "memoryCheck" | "build" | "freeMemoryMb" | "progress"> & { readonly wasDown: boolean }, signal: AbortSignal): Promise<void> {
    const found = new Map((await this.found()).map((each) => [each.part.name, each.instance]));
    const nodesOf = (part: ClusterPart): Instance["nodes"] => found.get(part.name)?.nodes ?? [];
    const toStart = parts.filter((part) => nodesOf(part).length === 0 || nodesOf(part).some(({ running }) => !running));
    const fresh = toStart.filter((part) => nodesOf(part).every(({ running }) => !running));
    if (!wasDown) for (const node of toStart.flatMap(nodesOf)) if (!node.running) progress(`${node.name} has ended; the end of its log:\n${shortTail(node)}\n${node.name} is started again with its data`);
    await checkPorts(fresh, this.ports);
    if (memoryCheck) checkMemory(fresh, freeMemoryMb);
    await checkJava(toStart, signal);
    if (toBuild && toStart.some(({ name }) => PIPELINE.includes(name)) && !PIPELINE.some((name) => found.get(name)?.nodes.some(({ running }) => running))) await build(progress, signal);
    writeClusterState(this.runDir, { ...this.state!, isDown: wasDown });

    // Airflow runs its DAGs with the environment of this process.
    for (const [name, value] of Object.entries(dagEnvironment(this.state!.startedAtMs))) process.env[name] ??= value;
    Object.assign(process.env, this.environment);
    const servers = this.#servers.filter(([part]) => parts.includes(part)).map(([, server]) => server);
    await startAll(
      startsInOrder(
        servers,
        async (server, others, either) => {
          either.throwIfAborted();
          const isNew = toStart.some(({ name }) => name === server.name);
          const begin = performance.now();
          progress(isNew ? `${server.name}: starting` : `${server.name}: runs`);
          const instance = await server.start(this.#dirOf(server), flagsOf(this.ports), either, others);
          if (isNew) progress(`${server.name}: up after ${Math.round((performance.now() - begin) / 1_000)} s`);
          return instance;
        },
        async (name) => found.get(name),
      ),
      signal,
    );
    if (fresh.some(({ name }) => name === "superset") && parts.some(({ name }) => name === "presto")) await this.#importDashboards(progress, signal);
  }

  /** A dashboard is no reason to stop all the rest. */
  async #importDashboards(progress: (line: string) => void, signal: AbortSignal): Promise<void> {
    try {
      const { dashboards, missing } = await setUpSuperset(
        { url: this.environment["MILLRACE_SUPERSET_URL"]!, user: "admin", password: "admin" },
        { uri: `presto://millrace@${this.environment["MILLRACE_PRESTO"]}/hive`, schema: "serving" },
        signal,
      );
      progress(`superset: dashboards ${dashboards.join(", ")}${missing.length === 0 ? "" : "; their charts are filled from the first generation on"}`);
    } catch (error) {
      progress(`superset: the dashboards were not imported: npm run superset -w examples/music-events -- import\n${describeError(error)}`);
    }
  }

  /** Stops all parts, the last one first, by the ids that were written down. */
  async down(deleteData: boolean, progress: (line: string) => void): Promise<void> {
    if (this.state !== undefined) writeClusterState(this.runDir, { ...this.state, isDown: true });
    for (const { part, instance } of [...(await this.found())].reverse()) {
      const running = instance.nodes.some((node) => node.running);
      await instance.stop();
      progress(`${part.name}: ${running ? "stopped" : "did not run"}`);
    }
    if (!deleteData || !existsSync(this.runDir)) return;
    if (this.state === undefined) throw new ClusterUsageError(`removing "${this.runDir}": no cluster was started there`);
    await rm(this.runDir, { recursive: true, force: true });
    progress(`data removed: ${this.runDir}`);
  }

  /** The processes of this name, or of the part of this name. @throws {ClusterUsageError} there is none */
  async nodesNamed(name: string | undefined): Promise<Instance["nodes"]> {
    const all = (await this.found()).flatMap(({ part, instance }) => instance.nodes.map((node) => ({ part: part.name, node })));
    const nodes = all.filter(({ part, node }) => name === undefined || part === name || node.name === name).map(({ node }) => node);
    if (nodes.length > 0) return nodes;
    throw new ClusterUsageError(`looking for ${name === undefined ? "processes" : `"${name}"`}: ${all.length === 0 ? "nothing was started here" : `there are ${[...new Set(all.flatMap(({ part, node }) => [part, node.name]))].join(", ")}`}`, {
      ...(all.length === 0 ? { advice: "npm run cluster -- up" } : {}),
    });
  }

  #dirOf({ name }: KnownServer): string {
    return path.join(this.runDir, name);
  }

  async #find(server: KnownServer): Promise<Instance | undefined> {
    const dir = this.#dirOf(server);
    return existsSync(dir) ? server.find(dir) : undefined;
  }
}

/** The pipeline's processes run the built packages, as users do. */
async function build(progress: (line: string) => void, signal: AbortSignal): Promise<void> {
  progress("building the packages");
  const { code, lines } = await runProgram({ file: process.execPath, args: [path.join(ROOT, "scripts/build.mjs"), "--quiet"], cwd: ROOT }, {}, signal);
  if (code !== 0) throw new ClusterUsageError(`building the packages: exit code ${code}\n${lines.slice(-30).join("\n")}`, { advice: "npm install, then npm run build" });
}
