import { systemClock } from "../clock/system-clock.js";
import { ClosedError } from "../errors/closed-error.js";
import { segmentName } from "../log/segment.js";
import type { SegmentId } from "../log/segment.js";
import { partitionName } from "../log/position.js";
import type { CellValue } from "../measures/cell.js";
import type { Clock } from "../ports/clock.js";
import type { Heartbeat, ProgressRow, ViewStore } from "../ports/view-store.js";
import type { DimensionValue, SegmentPartials } from "../views/partial-batch.js";

/** How long progress outlives `coveredUntil`: more than a day past any expiry of its rows. */
const PROGRESS_KEPT_MS = 2 * 86_400_000;

/** What `memoryViewStore` takes. */
export interface MemoryViewStoreOptions {
  /** Default "memory". */
  readonly name?: string;
  /** Rows are gone at the very instant of their `expiresAt`. Default: the system's. */
  readonly clock?: Clock;
}

interface Row {
  readonly window: number;
  readonly dimensions: readonly DimensionValue[];
  readonly cells: readonly CellValue[];
  readonly version: number;
  readonly expiresAt: number;
}

interface SegmentRows {
  readonly segment: SegmentId;
  readonly rows: Map<string, Row>;
}

/** The oracle of the other stores: the plainest thing that keeps the contract. Rows come back in the order of their first write. */
export function memoryViewStore(options: MemoryViewStoreOptions = {}): ViewStore {
  const name = options.name ?? "memory";
  const clock = options.clock ?? systemClock();
  const segments = new Map<string, SegmentRows>();
  const progress = new Map<string, ProgressRow>();
  const heartbeats = new Map<string, Heartbeat>();
  let closed = false;

  const segmentKey = (fingerprint: string, segment: SegmentId): string => `${fingerprint}|${partitionName(segment)}/${segmentName(segment)}`;
  const open = (doing: string, signal: AbortSignal): void => {
    signal.throwIfAborted();
    if (closed) throw new ClosedError(name, doing);
  };

  return {
    name,
    async prepare(_views, signal) {
      open("preparing store", signal);
    },
    async write(view, partials, expiresAt, signal) {
      open("writing to store", signal);
      const key = segmentKey(view.fingerprint, partials.segment);
      let into = segments.get(key);
      if (!into) segments.set(key, (into = { segment: partials.segment, rows: new Map() }));
      for (let i = 0; i < partials.length; i++) {
        const row: Row = {
          window: partials.windows[i]!,
          dimensions: partials.dimensions.map((column) => column[i]!),
          cells: partials.cells.map((column) => copied(column[i]!)),
          version: partials.versions[i]!,
          expiresAt,
        };
        const rowKey = keyOf(row.window, row.dimensions);
        const old = into.rows.get(rowKey);
        if (!old || row.version > old.version) into.rows.set(rowKey, row);
      }
    },
    async writeProgress(rows, signal) {
      open("writing to store", signal);
      for (const row of rows) {
        const key = segmentKey(row.fingerprint, row.segment);
        const old = progress.get(key);
        if (!old || row.version > old.version) progress.set(key, { ...row });
      }
    },
    async readProgress(fingerprint, topic, signal) {
      open("reading store", signal);
      const now = clock.now();
      return [...progress.values()].filter(
        (row) => row.fingerprint === fingerprint && row.segment.topic === topic && row.coveredUntil + PROGRESS_KEPT_MS > now,
      );
    },
    async *read(request, signal) {
      open("reading store", signal);
      for (const segment of request.segments) {
        signal.throwIfAborted();
        const found = segments.get(segmentKey(request.view.fingerprint, segment));
        if (!found) continue;
        const now = clock.now();
        const rows = [...found.rows.values()].filter(
          (row) => row.expiresAt > now && row.window >= request.from && row.window < request.until,
        );
        if (rows.length > 0) yield partialsOf(segment, rows, request.view.by.length, request.view.cells.length);
      }
    },
    async writeHeartbeat(heartbeat, signal) {
      open("writing to store", signal);
      heartbeats.set(JSON.stringify([heartbeat.topic, heartbeat.partition, heartbeat.worker]), { ...heartbeat });
    },
    async readHeartbeats(topic, signal) {
      open("reading store", signal);
      return [...heartbeats.values()].filter((heartbeat) => heartbeat.topic === topic);
    },
    async sweep(now, signal) {
      open("sweeping store", signal);
      for (const [key, { rows }] of segments) {
        for (const [rowKey, row] of rows) if (row.expiresAt <= now) rows.delete(rowKey);
        if (rows.size === 0) segments.delete(key);
      }
      for (const [key, row] of progress) if (row.coveredUntil + PROGRESS_KEPT_MS <= now) progress.delete(key);
    },
    async close() {
      closed = true;
    },
  };
}

/** Tells values of different types apart: `1`, `1n`, `"1"` and `true` are different keys. */
function keyOf(window: number, dimensions: readonly DimensionValue[]): string {
  return JSON.stringify([window, ...dimensions.map((value) => (typeof value === "bigint" ? { bigint: `${value}` } : Object.is(value, -0) ? 0 : value))]);
}

function copied(cell: CellValue): CellValue {
  return cell instanceof Uint8Array ? cell.slice() : cell;
}

function partialsOf(segment: SegmentId, rows: readonly Row[], dimensions: number, cells: number): SegmentPartials {
  return {
    segment,
    length: rows.length,
    windows: Float64Array.from(rows, ({ window }) => window),
    dimensions: Array.from({ length: dimensions }, (_, d) => rows.map((row) => row.dimensions[d]!)),
    cells: Array.from({ length: cells }, (_, c) => rows.map((row) => row.cells[c]!)),
    versions: Float64Array.from(rows, ({ version }) => version),
  };
}
