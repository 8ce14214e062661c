import { rmSync } from "node:fs";
import {
  collectRows,
  EVERY_MS,
  ManifestCatalog,
  planStreams,
  type CellValue,
  type FileSystem,
  type Grid,
  type Literal,
  type ModelDefinition,
  type ProgressRow,
  type SqlEngine,
  type TelemetryEvent,
  type ViewDefinition,
  type ViewStore,
  type Generation,
} from "@millrace/core";
import { memoryLog, memoryViewStore, simulatedClock, type MemoryLog, type SimulatedClock } from "@millrace/core/memory";
import { foldCells, insideRow, passes, type PresentedRow } from "@millrace/core/testing";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { createIngest } from "../ingest/create-ingest.js";
import { localFileSystem } from "../local/local-file-system.js";
import { tablePartials } from "../reconcile/table-partials.js";
import { temporaryRoot } from "./temporary-root.js";
import { createBatch, type Batch, type BatchOptions, type Unchanged } from "../run/create-batch.js";

export const signal = new AbortController().signal;

/** A record of the log as the oracle sees it. */
export interface PlacedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  /** Undefined: a record that cannot be decoded. */
  readonly row: PresentedRow | undefined;
}

/** One warehouse, on the disk of this machine if nothing else is said, with a log in memory. */
export interface Warehouse {
  readonly log: MemoryLog;
  readonly clock: SimulatedClock;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly store: ViewStore;
  readonly placed: PlacedEvent[];
  readonly events: TelemetryEvent[];
  append(partition: number, row: PresentedRow | undefined, at: { readonly gap?: number; readonly appendedAt: number }): void;
  ingest(): Promise<void>;
  batch(more?: Partial<BatchOptions>): Batch;
  /** Writes what the speed layer would write of every committed segment. */
  speed(): Promise<void>;
  close(): Promise<void>;
}

export interface WarehouseOptions {
  readonly views: readonly ViewDefinition[];
  readonly models?: readonly ModelDefinition[];
  readonly grid: Grid;
  readonly partitions: number;
  readonly startMs: number;
  /** Default: the disk of this machine, and DuckDB. */
  readonly on?: { readonly files: FileSystem; readonly engine: SqlEngine };
}

export function openWarehouse({ views, models = [], grid, partitions, startMs, on }: WarehouseOptions): Warehouse {
  const root = temporaryRoot("warehouse");
  const clock = simulatedClock(startMs);
  const { topic, eventTime } = views[0]!.from;
  const log = memoryLog({ clock, topics: { [topic]: partitions } });
  const files = on?.files ?? localFileSystem({ root });
  // Tables side by side, as on a server, so that every test has dates that overtake one another.
  const engine = on?.engine ?? { ...duckdbEngine({ files }), statementsAtOnce: 3 };
  const store = memoryViewStore({ clock });
  const placed: PlacedEvent[] = [];
  const events: TelemetryEvent[] = [];
  const ends = new Map<number, number>();
  const plans = planStreams(views);
  return {
    log,
    clock,
    files,
    engine,
    store,
    placed,
    events,
    append(partition, row, { gap = 0, appendedAt }) {
      const offset = (ends.get(partition) ?? 0) + gap;
      ends.set(partition, offset + 1);
      placed.push({ partition, offset, appendedAt, row });
      const value = row === undefined ? "{" : JSON.stringify(row, (key, each: unknown) => (key === eventTime ? Number(new Date(each as string)) : typeof each === "bigint" ? Number(each) : each));
      log.place(topic, partition, [{ offset, appendedAt, value }]);
    },
    ingest: () => createIngest({ log, files, clock, plans, grid, sealGuardMs: 1_000, telemetry: (event) => events.push(event) }).drain(signal),
    batch: (more = {}) => createBatch({ log, files, engine, store, clock, views, models, plans, telemetry: (event) => events.push(event), ...more }),
    async speed() {
      const catalog = new ManifestCatalog(files, topic);
      for (const manifest of await catalog.refresh(signal)) {
        const { partition, logVersion, first, previous, until } = manifest;
        const segment = { topic, partition, logVersion, first };
        const within = placed.filter((event) => event.partition === partition && event.offset >= first && event.offset < until);
        for (const view of views) {
          const groups = foldEvents(view, within);
          const coveredUntil = manifest.receivedAt + 7 * 86_400_000;
          if (groups.length > 0) {
            await store.write(
              view,
              {
                segment,
                length: groups.length,
                windows: Float64Array.from(groups, ({ window }) => window),
                dimensions: view.by.map((_, d) => groups.map(({ dimensions }) => dimensions[d] ?? null)),
                cells: view.cells.map((_, c) => groups.map(({ cells }) => cells[c]!)),
                versions: Float64Array.from(groups, () => until),
              },
              coveredUntil,
              signal,
            );
          }
          const windows = groups.map(({ window }) => window);
          const row: ProgressRow = {
            fingerprint: view.fingerprint,
            segment,
            previous,
            until,
            sealed: true,
            version: until + 1,
            records: manifest.records,
            events: manifest.events,
            filtered: 0,
            late: manifest.late,
            deadLetters: manifest.deadLetters,
            minWindow: windows.length > 0 ? Math.min(...windows) : null,
            maxWindow: windows.length > 0 ? Math.max(...windows) : null,
            maxEventTime: null,
            receivedAt: manifest.receivedAt,
            crc: 0,
            coveredUntil,
            overlapping: true,
          };
          await store.writeProgress([row], signal);
        }
      }
    },
    async close() {
      await engine.close();
      rmSync(root, { recursive: true });
    },
  };
}

export interface Group {
  readonly window: number;
  readonly dimensions: readonly (Literal | null)[];
  readonly cells: readonly CellValue[];
}

/** A view's rows over some events, folded one by one: the oracle. */
export function foldEvents(view: ViewDefinition, events: readonly PlacedEvent[]): readonly Group[] {
  const groups = new Map<string, { window: number; dimensions: readonly (Literal | null)[]; rows: PresentedRow[] }>();
  for (const { row } of events) {
    if (row === undefined) continue;
    const inside = insideRow(view.from, row);
    if (!passes(view.where, inside)) continue;
    const everyMs = EVERY_MS[view.every];
    const window = Math.floor(Number(inside[view.from.eventTime]) / everyMs) * everyMs;
    const dimensions = view.by.map((name) => inside[name] ?? null);
    const key = JSON.stringify([window, ...dimensions.map(String), ...dimensions.map((value) => typeof value)]);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { window, dimensions, rows: [row] });
  }
  return [...groups.values()].map(({ window, dimensions, rows }) => ({ window, dimensions, cells: foldCells(view.from, view.cells, rows) }));
}

/** The events below a generation's cut. */
export function belowCutOf(generation: Pick<Generation, "cut">, topic: string, events: readonly PlacedEvent[]): readonly PlacedEvent[] {
  return events.filter(({ partition, offset }) => offset < (generation.cut[topic]?.find((position) => position.partition === partition)?.offset ?? 0));
}

/** Everything in a view's table of a generation, in a comparable form. */
export async function readTable({ files, engine }: Warehouse, view: ViewDefinition, generation: Generation): Promise<readonly string[]> {
  const rows: Group[] = [];
  const table = generation.tables.find(({ name }) => name === view.name);
  for (const [date, version] of Object.entries(table?.versions ?? {})) {
    let count = 0;
    for await (const batch of tablePartials(files, engine, view, version, signal)) {
      for (let i = 0; i < batch.length; i++) {
        const window = batch.windows[i]!;
        if (new Date(window).toISOString().slice(0, 10) !== date) throw new Error(`window ${window} in the files of ${date}`);
        rows.push({ window, dimensions: batch.dimensions.map((values) => values[i] as Literal | null), cells: batch.cells.map((values) => values[i] as CellValue) });
        count++;
      }
    }
    if (count !== version.rows) throw new Error(`${count} rows where the generation says ${version.rows}`);
  }
  return shown(rows);
}

export function shown(groups: readonly Group[]): readonly string[] {
  const text = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value === null ? "null" : `${typeof value === "string" ? "t" : ""}${String(value)}`);
  return groups.map(({ window, dimensions, cells }) => [window, ...dimensions.map(text), "|", ...cells.map(text)].join(" ")).sort();
}

/** What a run has published. */
export function published(result: Generation | Unchanged): Generation {
  if ("unchanged" in result) throw new Error("nothing was published");
  return result;
}

/** All rows of a query. */
export const rowsOf = ({ engine }: Warehouse, sql: string) => collectRows(engine, sql, signal);
