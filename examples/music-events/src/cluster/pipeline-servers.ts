import type { KnownServer, NodePlan, ServerKind } from "@millrace/servers";
import { Instance, NotYetError } from "@millrace/servers";
import { Kafka, logLevel } from "kafkajs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { TOPICS } from "../simulator/index.js";

const HOST = "127.0.0.1";
const EXAMPLE = fileURLToPath(new URL("../..", import.meta.url));
const MILLRACE = fileURLToPath(new URL("../../../../packages/millrace/bin/millrace.js", import.meta.url));
const SIMULATOR = fileURLToPath(new URL("./simulator.ts", import.meta.url));
/** Where the packages are the built ones, as users have them. */
const RUN_TSCONFIG = path.join(EXAMPLE, "tsconfig.run.json");

/** How the pipeline's processes are started. */
export interface PipelineOptions {
  /** Where the servers are: `clusterEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
  /** `millrace.config.ts`, or another one. */
  readonly config: string;
  readonly rate: number;
  readonly seed: number;
  readonly backfillHours: number;
  readonly traps: string;
}

/** The pipeline's own processes, as servers among the others: with the same records, logs, and readiness by an answer. */
export function pipelineServers(options: PipelineOptions): readonly KnownServer[] {
  const layer = (name: string, flag: string, ...command: readonly string[]): KnownServer => layerServer(name, flag, [...command, "--config", options.config], options.environment);
  return [simulatorServer(options), layer("ingest", "ingestPort", "ingest", "--serve"), layer("speed", "speedPort", "speed", "--serve"), layer("serving", "servingPort", "serve")];
}

interface ProcessOptions {
  readonly runDir: string;
  readonly port?: number;
}

/** One process of Node, which needs neither Java nor an installation. */
function processKind(name: string, ports: ServerKind<ProcessOptions>["ports"], plan: (dir: string, ports: Readonly<Record<string, number>>) => Pick<NodePlan, "prepare" | "probe">): ServerKind<ProcessOptions> {
  return {
    name,
    tools: () => Promise.resolve({ java: "", jars: "" }),
    install: () => Promise.resolve(""),
    java: { from: 17, to: 17 },
    startsInTurn: false,
    shape: () => ({}),
    ports,
    nodes: (_options, place) => {
      const dir = path.join(place.runDir, name);
      return [{ name, dir, logFiles: [], ports: Object.values(place.ports), graceMs: 30_000, ...plan(dir, place.ports) }];
    },
  };
}

function layerServer(name: string, flag: string, command: readonly string[], environment: Readonly<Record<string, string>>): KnownServer {
  const kind = processKind(
    name,
    ({ port }) => ({ http: { port, hosts: [HOST] } }),
    (_dir, { http }) => ({
      prepare: () => Promise.resolve({ file: process.execPath, args: [MILLRACE, ...command, "--port", String(http)], cwd: EXAMPLE, env: environment }),
      async probe(_everyone, signal) {
        const answer = await fetch(`http://${HOST}:${http}/readyz`, { signal });
        if (!answer.ok) throw new NotYetError(`${name} says: ${await answer.text()}`);
      },
    }),
  );
  return {
    name,
    addOptions: () => {},
    start: (runDir, flags, signal) => Instance.start(kind, { runDir, ...(flags[flag] === undefined ? {} : { port: flags[flag] as number }) }, signal),
    find: (runDir) => Instance.find(kind, { runDir }),
    access: ({ ports }) => ({ url: `http://${HOST}:${ports["http"]}` }),
    addresses: ({ ports }) => [`${HOST}:${ports["http"]}`],
  };
}

function simulatorServer({ environment, rate, seed, backfillHours, traps }: PipelineOptions): KnownServer {
  const brokers = environment["MILLRACE_KAFKA"]!;
  const kind = processKind(
    "simulator",
    () => ({}),
    (dir) => ({
      prepare: () =>
        Promise.resolve({
          file: process.execPath,
          args: ["--import", "tsx", SIMULATOR, "--brokers", brokers, "--state", path.join(dir, "state"), "--rate", String(rate), "--seed", String(seed), "--backfill", String(backfillHours), "--traps", traps || "none"],
          cwd: EXAMPLE,
          env: { TSX_TSCONFIG_PATH: RUN_TSCONFIG },
        }),
      // The layers need its topics.
      probe: (_everyone, signal) => probeTopics(brokers, signal),
    }),
  );
  return {
    name: "simulator",
    addOptions: () => {},
    start: (runDir, _flags, signal) => Instance.start(kind, { runDir }, signal),
    find: (runDir) => Instance.find(kind, { runDir }),
    access: () => ({}),
    addresses: () => [`to ${brokers}`],
  };
}

async function probeTopics(brokers: string, signal: AbortSignal): Promise<void> {
  const admin = new Kafka({ clientId: "cluster", brokers: brokers.split(","), logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    signal.throwIfAborted();
    const there = await admin.listTopics();
    const missing = TOPICS.filter((topic) => !there.includes(topic));
    if (missing.length > 0) throw new NotYetError(`the topics ${missing.join(", ")} are not there`);
  } finally {
    await admin.disconnect();
  }
}
