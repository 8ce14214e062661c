import type { EventLog, FileSystem, FileWriter, SqlEngine, ViewStore } from "@millrace/core";
import type { Caller, Gate } from "./gate.js";

export interface GatedPorts {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
}

/** What gates are put before. */
export interface OpenPorts extends Omit<GatedPorts, "store"> {
  /** The replicas of a store. */
  readonly stores: readonly ViewStore[];
  /** One store of them, as a process sees it. */
  storeOf(replicas: readonly ViewStore[]): ViewStore;
}

/** The ports as one process has them: every call, and every step of a reading, waits at the gate. */
export function gatedPorts(gate: Gate, caller: Caller, ports: OpenPorts): GatedPorts {
  const { engine, files, stores } = ports;
  return {
    log: gated("log", ports.log, gate, caller),
    store: ports.storeOf(stores.map((store, i) => gated(stores.length === 1 ? "store" : `store ${i}`, store, gate, caller))),
    files: {
      ...gated("files", files, gate, caller),
      uri: (path) => files.uri(path),
      async write(path, signal) {
        const writer = await gate.call(caller, "files.write", () => path, false, () => files.write(path, signal));
        return gated<FileWriter>(`files.write ${path}`, writer, gate, caller);
      },
    },
    engine: {
      ...gated("engine", engine, gate, caller),
      name: engine.name,
      dialect: engine.dialect,
      query: (sql, signal) =>
        gate.call(caller, "engine.query", () => sql.slice(0, 60), true, async () => {
          const { columns, blocks } = await engine.query(sql, signal);
          const all: (typeof blocks extends AsyncIterable<infer B> ? B : never)[] = [];
          for await (const block of blocks) all.push(block);
          return { columns, blocks: each(all) };
        }),
      writeTable: (select, folder, signal) => gate.call(caller, "engine.writeTable", () => folder, true, () => engine.writeTable(select, folder, signal)),
    },
  };
}

/** Its promises and readings, one step at a time; what is no function stays. */
function gated<P extends object>(name: string, port: P, gate: Gate, caller: Caller): P {
  const wrapped: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(port)) {
    if (typeof value !== "function") {
      wrapped[property] = value;
      continue;
    }
    const method = `${name}.${property}`;
    const reads = property === "read" && name !== "files";
    wrapped[property] = (...args: unknown[]): unknown => {
      const apply = (): unknown => Reflect.apply(value, port, args);
      const details = (): string => args.map(shown).filter(Boolean).join(" ");
      return reads ? steps(method, details, apply() as AsyncIterable<unknown>, gate, caller) : gate.call(caller, method, details, false, apply);
    };
  }
  return wrapped as P;
}

async function* steps<T>(method: string, details: () => string, source: AsyncIterable<T>, gate: Gate, caller: Caller): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await gate.call(caller, method, details, false, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

/** What an argument says in a trace. */
function shown(argument: unknown): string {
  if (typeof argument === "string" || typeof argument === "number") return `${argument}`;
  if (argument instanceof AbortSignal || argument instanceof Uint8Array) return argument instanceof Uint8Array && argument.length < 12 ? JSON.stringify(new TextDecoder().decode(argument)) : "";
  if (Array.isArray(argument)) return argument.map(shown).join(" ");
  if (typeof argument !== "object" || argument === null) return "";
  if ("previous" in argument && "segment" in argument && "until" in argument) {
    const { segment, previous, until, sealed } = argument as { segment: { partition: number; first: number; end?: number }; previous: number; until: number; sealed?: boolean };
    return `[p${segment.partition} segment ${segment.first}${segment.end === undefined ? "" : `~${segment.end}`} previous ${previous} until ${until}${sealed === true ? " sealed" : ""}]`;
  }
  if ("versions" in argument && "segment" in argument) {
    const { segment, versions } = argument as { segment: { partition: number; first: number; end?: number }; versions: Float64Array };
    return `[p${segment.partition} segment ${segment.first}${segment.end === undefined ? "" : `~${segment.end}`} versions ${[...versions].join()}]`;
  }
  if ("name" in argument) return `${String(argument.name)}`;
  if ("partition" in argument && "from" in argument) return `p${String(argument.partition)} from ${String(argument.from)}`;
  if ("gap" in argument || "position" in argument) return JSON.stringify(argument);
  return "";
}
