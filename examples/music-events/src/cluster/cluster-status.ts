import type { Instance, KnownServer } from "@millrace/servers";
import { readStatus } from "@millrace/servers";
import type { ClusterPart, ClusterPorts } from "./cluster-parts.js";
import { residentMemory } from "./process-memory.js";

const TAIL_LINES = 8;
const TAIL_WIDTH = 200;

/** The end of the log of a process that has ended, its lines cut: some of Java's are pages long. */
export const shortTail = (node: Instance["nodes"][number]): string =>
  node
    .logTail(TAIL_LINES)
    .split("\n")
    .map((line) => (line.length > TAIL_WIDTH ? `${line.slice(0, TAIL_WIDTH)}...` : line))
    .join("\n");

/** One process of the cluster. */
export interface ProcessStatus {
  readonly name: string;
  readonly part: string;
  readonly address: string;
  readonly pid: number | null;
  /** `up`: it answers; `silent`: it runs, but gives no answer or is not ready; `down`: it has ended or was stopped. */
  readonly state: "up" | "silent" | "down";
  /** Resident, with what it has forked; null where it does not run. */
  readonly memoryMb: number | null;
  /** The end of its log, where it does not run. */
  readonly tail?: string;
}

/** What `status --json` prints. */
export interface ClusterStatus {
  readonly runDir: string;
  readonly processes: readonly ProcessStatus[];
  readonly memoryMb: number;
  readonly pages: readonly { readonly title: string; readonly url: string; readonly login?: string }[];
  /** For commands of the pipeline. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A part of a run folder, running or not. */
export interface FoundPart {
  readonly part: ClusterPart;
  readonly server: KnownServer;
  readonly instance: Instance;
}

/** Asks every process. */
export async function readClusterStatus(runDir: string, found: readonly FoundPart[], ports: ClusterPorts, environment: Readonly<Record<string, string>>): Promise<ClusterStatus> {
  const all = (
    await Promise.all(
      found.map(async ({ part, server, instance }) => {
        const { nodes } = await readStatus(server, instance);
        return nodes.map((node, i) => ({ ...node, part: part.name, tail: shortTail(instance.nodes[i]!) }));
      }),
    )
  ).flat();
  const memory = await residentMemory(all.flatMap(({ pid }) => (pid === null ? [] : [pid])));
  const processes = all.map(({ tail, ...process }): ProcessStatus => ({ ...process, memoryMb: process.pid === null ? null : (memory.get(process.pid) ?? 0), ...(process.state === "down" ? { tail } : {}) }));
  const running = new Set(processes.filter(({ pid }) => pid !== null).map(({ part }) => part));
  return {
    runDir,
    processes,
    memoryMb: processes.reduce((sum, { memoryMb }) => sum + (memoryMb ?? 0), 0),
    pages: found.flatMap(({ part: { name, page } }) =>
      page === undefined || !running.has(name) ? [] : [{ title: page.title, url: `http://127.0.0.1:${ports[page.port]}${page.path ?? "/"}`, ...(page.login === undefined ? {} : { login: page.login }) }],
    ),
    environment,
  };
}

/** For a terminal. `expected`: whether what is down should run, and is told of. */
export function statusText({ runDir, processes, memoryMb, pages }: ClusterStatus, expected: boolean): string {
  if (processes.length === 0) return "nothing was started here: npm run cluster -- up";
  const rows = [
    ["name", "pid", "state", "memory", "address"],
    ...processes.map(({ name, pid, state, memoryMb: mb, address }) => [name, pid === null ? "-" : String(pid), state, mb === null ? "-" : `${mb} MB`, address]),
    ["", "", "", `${memoryMb} MB`, ""],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) => row.map((cell, column) => (column === 1 || column === 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join("  ").trimEnd());
  const titleWidth = Math.max(0, ...pages.map(({ title }) => title.length));
  const down = expected ? processes.filter(({ state }) => state === "down") : [];
  // What is not ready where something is down waits for that.
  const silent = down.length > 0 ? [] : processes.filter(({ state }) => state === "silent");
  return [
    ...table,
    ...(pages.length === 0 ? [] : ["", ...pages.map(({ title, url, login }) => `${title.padEnd(titleWidth)}  ${url}${login === undefined ? "" : `  login ${login}`}`)]),
    "",
    `data and logs in ${runDir}`,
    ...down.flatMap(({ name, tail }) => ["", `${name} does not run. The end of its log:`, tail ?? "", "what to do: npm run cluster -- up starts it again with its data"]),
    ...silent.flatMap(({ name }) => ["", `${name} runs, but does not answer, or what it needs does not`, `what to do: npm run cluster -- logs ${name}; end it by its pid and run up again where it hangs`]),
  ].join("\n");
}
