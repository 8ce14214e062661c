import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  CURRENT_PATH,
  FIRST_LOG_VERSION,
  claimGridRecord,
  decodeSketch,
  generationPath,
  simulatedClock,
  sketchEntries,
  textFromScaled,
  type CellValue,
  type Cut,
  type FileSystem,
  type Generation,
  type ProgressRow,
  type SegmentId,
  type SimulatedClock,
  type SqlEngine,
  type TableVersion,
  type ViewDefinition,
  type ViewStore,
} from "@millrace/core";
import { memoryFileSystem, memoryLog, memoryViewStore, type MemoryLog } from "@millrace/core/memory";
import { foldPlays, type Play } from "./plays.js";

export const signal = new AbortController().signal;

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Noon of a UTC day. */
export const NOON = Date.UTC(2026, 4, 20, 12);

/** A run of records of one partition, as the tests lay it out. */
export interface Segment {
  readonly partition: number;
  readonly first: number;
  readonly previous: number;
  readonly until: number;
  readonly sealed: boolean;
  readonly end?: number;
  readonly logVersion?: number;
  readonly coveredUntil?: number;
  readonly overlapping?: boolean;
}

/** What the serving layer reads from, with the writing ends in the test's hand and every call to the ports counted. */
export interface World {
  readonly clock: SimulatedClock;
  readonly log: MemoryLog;
  readonly store: ViewStore;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly calls: { rows: number; progress: number; sql: string[] };
  /** Appends records without content, so that the log has these offsets. */
  place(events: readonly Play[]): void;
  /** Writes what a worker writes of a segment: rows of the events within, then progress. */
  speed(view: ViewDefinition, events: readonly Play[], segment: Segment): Promise<ProgressRow>;
  /** Publishes a generation made of the events below the cut. */
  publish(views: readonly ViewDefinition[], events: readonly Play[], cut: Cut): Promise<Generation>;
}

/** Small files in memory, tables of the engine in a folder of this machine. */
export const filesIn = (root: string): FileSystem => ({ ...memoryFileSystem(), uri: (path) => join(root, path) });

async function drain(engine: SqlEngine, sql: string): Promise<void> {
  for await (const _block of (await engine.query(sql, signal)).blocks);
}

/** `engine` reads and writes what `files.uri` names. */
export async function createWorld(files: FileSystem, engine: SqlEngine, partitions = 1, origin = 0): Promise<World> {
  const clock = simulatedClock(NOON + DAY_MS);
  const log = memoryLog({ clock, topics: { plays: partitions } });
  const inner = memoryViewStore({ clock });
  const calls = { rows: 0, progress: 0, sql: [] as string[] };
  for (let partition = 0; partition < partitions; partition++) {
    await claimGridRecord(files, { topic: "plays", partition, logVersion: FIRST_LOG_VERSION, grid: { segmentOffsets: 1_000, segmentMs: 900_000 }, origin }, signal);
  }
  let generations = 0;
  return {
    clock,
    log,
    files,
    calls,
    store: {
      ...inner,
      readProgress(...parameters) {
        calls.progress++;
        return inner.readProgress(...parameters);
      },
      read(...parameters) {
        calls.rows++;
        return inner.read(...parameters);
      },
    },
    engine: {
      name: engine.name,
      dialect: engine.dialect,
      query(sql, aborted) {
        calls.sql.push(sql);
        return engine.query(sql, aborted);
      },
      writeTable: (...parameters) => engine.writeTable(...parameters),
      close: () => engine.close(),
    },
    place(events) {
      for (const { partition, offset, ts } of [...events].sort((a, b) => a.offset - b.offset)) {
        log.place("plays", partition, [{ offset, appendedAt: ts, value: "{}" }]);
      }
    },
    async speed(view, events, segment) {
      const { partition, first, until, logVersion = FIRST_LOG_VERSION } = segment;
      const within = events.filter((play) => play.partition === partition && play.offset >= first && play.offset < until);
      const groups = foldPlays(view, within, minuteOf(view), view.by, sketchEntries);
      const id: SegmentId = { topic: "plays", logVersion, partition, first, ...(segment.end === undefined ? {} : { end: segment.end }) };
      const coveredUntil = segment.coveredUntil ?? clock.now() + 7 * DAY_MS;
      if (groups.length > 0) {
        await inner.write(
          view,
          {
            segment: id,
            length: groups.length,
            windows: Float64Array.from(groups, ({ window }) => window),
            dimensions: view.by.map((_, d) => groups.map((group) => group.dimensions[d]!)),
            cells: view.cells.map((_, c) => groups.map((group) => group.cells[c]!)),
            versions: Float64Array.from(groups, () => (within.at(-1)?.offset ?? first) + 1),
          },
          coveredUntil + MINUTE_MS,
          signal,
        );
      }
      const windows = groups.map(({ window }) => window);
      const row: ProgressRow = {
        fingerprint: view.fingerprint,
        segment: id,
        previous: segment.previous,
        until,
        sealed: segment.sealed,
        version: until + (segment.sealed ? 1 : 0),
        records: within.length,
        events: within.length,
        filtered: 0,
        late: within.filter(({ late }) => late).length,
        deadLetters: 0,
        minWindow: windows.length > 0 ? Math.min(...windows) : null,
        maxWindow: windows.length > 0 ? Math.max(...windows) : null,
        maxEventTime: within.length > 0 ? Math.max(...within.map(({ ts }) => ts)) : null,
        receivedAt: 0,
        crc: 0,
        coveredUntil,
        overlapping: segment.overlapping ?? true,
      };
      await inner.writeProgress([row], signal);
      return row;
    },
    async publish(views, events, cut) {
      const number = ++generations;
      const below = events.filter((play) => play.offset < (cut["plays"]?.find(({ partition }) => partition === play.partition)?.offset ?? 0));
      const tables = [];
      for (const view of views) {
        const versions: Record<string, TableVersion> = {};
        const groups = foldPlays(view, below, minuteOf(view), view.by, sketchEntries);
        for (const date of [...new Set(groups.map(({ window }) => new Date(window).toISOString().slice(0, 10)))].sort()) {
          const rows = groups.filter(({ window }) => new Date(window).toISOString().startsWith(date));
          const folder = `tables/${view.name}/date=${date}/version=g${number}`;
          const file = `${folder}/part-0.parquet`;
          await mkdir(dirname(files.uri(file)), { recursive: true });
          // Not by `writeTable`, which waits for the disk.
          await drain(engine, `COPY (${selectOf(view, rows, engine)}) TO ${engine.dialect.literal(files.uri(file))} (FORMAT parquet)`);
          versions[date] = { version: `g${number}`, rows: rows.length, files: [file], bytes: 1 };
        }
        tables.push({ name: view.name, kind: "view" as const, partitioned: "date" as const, fingerprint: view.fingerprint, versions });
      }
      const generation: Generation = {
        format: 1, number, parent: number > 1 ? number - 1 : null, kind: "incremental", contentOf: null,
        startedAt: 0, publishedAt: 0, cut, cutAt: null, tables, drift: [], checks: [],
      };
      await files.putIfAbsent(generationPath(number), new TextEncoder().encode(JSON.stringify(generation)), signal);
      await files.replace(CURRENT_PATH, new TextEncoder().encode(`${number}\n`), signal);
      return generation;
    },
  };
}

export const everyMsOf = (view: ViewDefinition): number => ({ second: 1_000, minute: MINUTE_MS, hour: 3_600_000 })[view.every];

const minuteOf = (view: ViewDefinition) => (ts: number) => Math.floor(ts / everyMsOf(view)) * everyMsOf(view);

/** Rows of a batch table as a SELECT of DuckDB. */
function selectOf(view: ViewDefinition, rows: ReturnType<typeof foldPlays>, { dialect }: SqlEngine): string {
  const columns = ["window_start", ...view.by, ...view.cells.map(({ name }) => name)].map((name) => dialect.identifier(name));
  const values = rows.map(({ window, dimensions, cells }) => {
    const keys = view.by.map((name, d) => {
      const column = view.from.columns[name]!;
      const value = dimensions[d] ?? null;
      if (column.kind === "timestamp") return dialect.literal(value === null ? null : new Date(Number(value)));
      return `CAST(${dialect.literal(value !== null && column.kind === "decimal" ? textFromScaled(value as number, column.scale ?? 0) : value)} AS ${dialect.columnType(column)})`;
    });
    return `(${[dialect.literal(new Date(window)), ...keys, ...view.cells.map((cell, c) => cellLiteral(cell.type, cells[c]!))].join(", ")})`;
  });
  return `SELECT ${columns.join(", ")} FROM (VALUES ${values.join(", ")}) AS t(${columns.join(", ")}) ORDER BY ALL`;
}

function cellLiteral(type: string, value: CellValue): string {
  if (type === "int64") return `CAST(${value === null ? "NULL" : value} AS BIGINT)`;
  if (type === "float64") return `CAST(${value === null ? "NULL" : value} AS DOUBLE)`;
  const bytes = value as Uint8Array;
  if (type === "bytes") return `'${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'::BLOB`;
  return `CAST(MAP {${[...decodeSketch(bytes)].map(([key, count]) => `${key}: ${count}`).join(", ")}} AS MAP(INTEGER, BIGINT))`;
}
