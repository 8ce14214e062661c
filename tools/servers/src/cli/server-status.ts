import type { Instance } from "../instance/instance.js";
import type { KnownServer } from "./known-server.js";

const ANSWER_LIMIT_MS = 5_000;

/** What runs of one server. */
export interface ServerStatus {
  readonly server: string;
  readonly runDir: string;
  /** How clients reach it. */
  readonly access: Readonly<Record<string, unknown>>;
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    readonly pid: number | null;
    /** `up`: it answers; `silent`: its process runs, but gives no answer; `down`: there is no process. */
    readonly state: "up" | "silent" | "down";
  }[];
}

/** Asks every node. */
export async function readStatus(server: KnownServer, instance: Instance): Promise<ServerStatus> {
  const addresses = server.addresses(instance);
  return {
    server: server.name,
    runDir: instance.runDir,
    access: server.access(instance),
    nodes: await Promise.all(
      instance.nodes.map(async (node, i) => ({
        name: node.name,
        address: addresses[i]!,
        pid: node.process?.record.pid ?? null,
        state: node.running ? ((await node.answers(ANSWER_LIMIT_MS)) ? ("up" as const) : ("silent" as const)) : ("down" as const),
      })),
    ),
  };
}

/** For a terminal. */
export function statusLines({ server, access, nodes, runDir }: ServerStatus): readonly string[] {
  const width = Math.max(...nodes.map(({ name }) => name.length));
  const { tls, ...rest } = access;
  return [
    `${server}: ${Object.entries(rest)
      .map(([name, value]) => `${name} ${typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value)}`)
      .join(", ")}${tls === undefined ? "" : ", tls"}`,
    ...nodes.map(({ name, state, address, pid }) => `  ${name.padEnd(width)}  ${state.padEnd(6)}  ${address}${pid === null ? "" : `  pid ${pid}`}`),
    `  in ${runDir}`,
  ];
}
