import { ClosedError, StorageError, onAbort, segmentName, partitionName, systemClock } from "@millrace/core";
import type { Clock, Heartbeat, ProgressRow, ReadPartials, SegmentId, ViewStore } from "@millrace/core";
import { openLmdb } from "@millrace/core/lmdb";
import type { LmdbEnvironment } from "@millrace/core/lmdb";
import type { Database } from "lmdb";
import { columnsOf } from "./partial-columns.js";
import { decodeRun, encodeRun } from "./run-codec.js";
import { SegmentCache } from "./segment-cache.js";
import type { CachedSegment } from "./segment-cache.js";
import { SegmentTable, distinctRows } from "./segment-table.js";
import * as keys from "./store-keys.js";
import type { RunKey } from "./store-keys.js";

const FORMAT = "views 1";
/** A segment with as many runs has its newest ones merged. */
const MAX_RUNS = 32;
/** A sealed segment with more runs has them merged into one, if they are small. */
const MAX_SEALED_RUNS = 8;
/** Runs of so many rows are as good as one: readers merge them once and remember, and writing them again would cost as much as the first time. */
const LARGE_RUN_ROWS = 2_000;
/** Progress outlives `coveredUntil` by two days: more than a day past any expiry of its rows. */
const PROGRESS_KEPT_MS = 2 * 86_400_000;
/** Heartbeats of workers that were silent for a week tell nothing any more. */
const HEARTBEAT_KEPT_MS = 7 * 86_400_000;
/** Entries that one transaction of a sweep drops. */
const SWEPT_ENTRIES = 5_000;

/** What `lmdbViewStore` takes. */
export interface LmdbViewStoreOptions {
  /** The store's folder; created when absent. */
  readonly path: string;
  /** Default "lmdb". */
  readonly name?: string;
  /** Rows past their expiry are not read any more, also before a sweep drops them. Default: the system's. */
  readonly clock?: Clock;
  /** Bytes of merged segments kept in memory for reads. Default 128 MiB. */
  readonly cacheBytes?: number;
}

interface OpenStore {
  readonly environment: LmdbEnvironment;
  /** {@link keys.runKey} -> run. */
  readonly runs: Database<Buffer, Buffer>;
  /** {@link keys.expiryKey} -> nothing. */
  readonly expiries: Database<Buffer, Buffer>;
  /** {@link keys.progressKey} -> row as JSON. */
  readonly progress: Database<Buffer, Buffer>;
  /** {@link keys.segmentKey} -> sequence and version of its progress row. */
  readonly progressOf: Database<Buffer, Buffer>;
  /** {@link keys.heartbeatKey} -> heartbeat as JSON. */
  readonly heartbeats: Database<Buffer, Buffer>;
}

/** What is written inside the next transaction. */
interface PendingWrite {
  readonly doing: string;
  readonly run: (store: OpenStore) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface CachedProgress {
  readonly rows: Map<string, ProgressRow>;
  readThrough: number;
  /** Sweeps remove rows without a trace: caches start again after one. */
  readonly sweeps: number;
}

const SEQUENCE_KEY = Buffer.from("sequence");
const SWEEPS_KEY = Buffer.from("sweeps");
const NOTHING = Buffer.alloc(0);

/**
 * Views in one folder, for any number of processes. Each `write` appends one immutable run of rows; reads merge the
 * runs of a segment by version, and remember what they merged. The store merges runs of a segment that has many, and
 * again when its sealed progress row comes. A write resolves when its transaction is on disk; writes that wait
 * meanwhile share the next one. Opens nothing before first use.
 */
export function lmdbViewStore(options: LmdbViewStoreOptions): ViewStore {
  const name = options.name ?? "lmdb";
  const clock = options.clock ?? systemClock();
  const cache = new SegmentCache(options.cacheBytes ?? 128 * 2 ** 20);
  const progressCache = new Map<string, CachedProgress>();
  let sweepsSeen = 0;
  /** Runs that this process knows of, by segment: when to look for something to merge. */
  const runCounts = new Map<string, number>();
  let opening: Promise<OpenStore> | undefined;
  let closed = false;
  let pending: PendingWrite[] = [];
  let committing: Promise<void> | undefined;

  const opened = async (doing: string, signal: AbortSignal): Promise<OpenStore> => {
    signal.throwIfAborted();
    if (closed) throw new ClosedError(name, doing);
    opening ??= openStore(options.path).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const open = await opening;
    signal.throwIfAborted();
    return open;
  };

  const commitPending = async (store: OpenStore): Promise<void> => {
    while (pending.length > 0) {
      const group = pending;
      pending = [];
      try {
        await store.environment.transaction(group[0]!.doing, () => {
          for (const { run } of group) run(store);
        });
        for (const { resolve } of group) resolve();
      } catch (error) {
        // What the failed transaction counted is not there.
        runCounts.clear();
        for (const { reject } of group) reject(error);
      }
    }
    committing = undefined;
  };

  /** Resolves when `run` has run inside a transaction and that is on disk. Once the transaction has begun, aborting does not end it. */
  const commit = (store: OpenStore, doing: string, signal: AbortSignal, run: (store: OpenStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const own: PendingWrite = {
        doing,
        run,
        resolve: () => {
          stop();
          resolve();
        },
        reject: (error) => {
          stop();
          reject(error as Error);
        },
      };
      const stop = onAbort(signal, () => {
        if (!pending.includes(own)) return;
        pending = pending.filter((other) => other !== own);
        own.reject(signal.reason);
      });
      pending.push(own);
      committing ??= commitPending(store);
    });

  const mergeWhenMany = (store: OpenStore, segment: Buffer): void => {
    const id = segment.toString("latin1");
    const known = runCounts.get(id);
    const count = known === undefined ? listRuns(store, segment, 0).length : known + 1;
    runCounts.set(id, count);
    if (count >= MAX_RUNS) runCounts.set(id, mergeNewest(store, segment));
  };

  return {
    name,
    async prepare(_views, signal) {
      await opened("preparing store", signal);
    },
    async write(view, partials, expiresAt, signal) {
      const store = await opened("writing to store", signal);
      if (partials.length === 0) return;
      const columns = distinctRows(columnsOf(partials));
      const run = encodeRun(columns);
      const segment = keys.segmentKey(view.fingerprint, partials.segment);
      const { minWindow, maxWindow } = windowsOf(columns.windows, columns.length);
      const id = segment.toString("latin1");
      let sequence = 0;
      let cached: CachedSegment | undefined;
      await commit(store, `writing rows of view "${view.name}"`, signal, (store) => {
        cached = cache.get(id);
        // Rows that another process wrote since are not in the table: then the next read takes both from the store.
        if (cached && listRuns(store, segment, cached.mergedThrough, 1).length > 0) cached = undefined;
        sequence = takeSequence(store.environment);
        putRun(store, segment, { sequence, rows: columns.length, minWindow, maxWindow, expiresAt }, run);
        mergeWhenMany(store, segment);
      });
      if (cached && cached === cache.get(id) && cached.mergedThrough < sequence) {
        cached.table.apply(columns);
        cached.mergedThrough = sequence;
        cache.put(id, cached);
      }
    },
    async writeProgress(rows, signal) {
      const store = await opened("writing to store", signal);
      if (rows.length === 0) return;
      const encoded = rows.map((row) => ({ row, json: Buffer.from(JSON.stringify(row)) }));
      await commit(store, "writing progress", signal, (store) => {
        for (const { row, json } of encoded) {
          const segment = keys.segmentKey(row.fingerprint, row.segment);
          const old = store.progressOf.get(segment);
          if (old && old.readDoubleLE(8) >= row.version) continue;
          const prefix = keys.progressPrefix(row.fingerprint, row.segment.topic);
          if (old) store.progress.removeSync(keys.progressKey(prefix, old.readDoubleLE(0)));
          const sequence = takeSequence(store.environment);
          const entry = Buffer.allocUnsafe(16);
          entry.writeDoubleLE(sequence, 0);
          entry.writeDoubleLE(row.version, 8);
          store.progressOf.putSync(segment, entry);
          store.progress.putSync(keys.progressKey(prefix, sequence), json);
          if (row.sealed) {
            const runs = listRuns(store, segment, 0);
            const rows = runs.reduce((sum, { run }) => sum + run.rows, 0);
            if (runs.length > MAX_SEALED_RUNS && rows < runs.length * LARGE_RUN_ROWS) mergeRuns(store, segment, runs);
            runCounts.delete(segment.toString("latin1"));
          }
        }
      });
    },
    async readProgress(fingerprint, topic, signal) {
      const store = await opened("reading store", signal);
      const prefix = keys.progressPrefix(fingerprint, topic);
      const id = prefix.toString("latin1");
      store.environment.root.resetReadTxn();
      const sweeps = readCounter(store.environment, SWEEPS_KEY);
      let cached = progressCache.get(id);
      if (!cached || cached.sweeps !== sweeps) progressCache.set(id, (cached = { rows: new Map(), readThrough: 0, sweeps }));
      const through = readCounter(store.environment, SEQUENCE_KEY);
      for (const { value } of store.progress.getRange(keys.progressAfter(prefix, cached.readThrough))) {
        const row = JSON.parse(value.toString()) as ProgressRow;
        cached.rows.set(`${partitionName(row.segment)}/${segmentName(row.segment)}`, row);
      }
      cached.readThrough = through;
      const now = clock.now();
      return [...cached.rows.values()].filter((row) => row.coveredUntil + PROGRESS_KEPT_MS > now);
    },
    async *read(request, signal) {
      const store = await opened("reading store", signal);
      store.environment.root.resetReadTxn();
      const sweeps = readCounter(store.environment, SWEEPS_KEY);
      if (sweeps !== sweepsSeen) cache.clear();
      sweepsSeen = sweeps;
      for (const segment of request.segments) {
        signal.throwIfAborted();
        if (closed) throw new ClosedError(name, "reading store");
        const partials = readSegment(store, cache, request, segment, clock.now());
        if (partials) yield partials;
      }
    },
    async writeHeartbeat(heartbeat, signal) {
      const store = await opened("writing to store", signal);
      const key = keys.heartbeatKey(heartbeat.topic, heartbeat.partition, heartbeat.worker);
      const json = Buffer.from(JSON.stringify(heartbeat));
      await commit(store, "writing a heartbeat", signal, (store) => store.heartbeats.putSync(key, json));
    },
    async readHeartbeats(topic, signal) {
      const store = await opened("reading store", signal);
      store.environment.root.resetReadTxn();
      const prefix = keys.heartbeatPrefix(topic);
      return [...store.heartbeats.getRange({ start: prefix, end: Buffer.concat([prefix, Buffer.alloc(8, 0xff)]) })].map(
        ({ value }) => JSON.parse(value.toString()) as Heartbeat,
      );
    },
    async sweep(now, signal) {
      const store = await opened("sweeping store", signal);
      for (let more = true; more; ) {
        signal.throwIfAborted();
        await commit(store, "dropping expired rows", signal, (store) => {
          more = sweepSome(store, now);
        });
      }
    },
    async close() {
      closed = true;
      const store = await opening?.catch(() => undefined);
      opening = undefined;
      cache.clear();
      progressCache.clear();
      if (!store) return;
      await committing;
      await store.environment.close();
    },
  };
}

async function openStore(path: string): Promise<OpenStore> {
  const databases = ["runs", "expiries", "progress", "progressOf", "heartbeats"] as const;
  const environment = await openLmdb(path, { user: "the embedded view store", format: FORMAT, databases });
  return { environment, ...environment.databases };
}

function readSegment(store: OpenStore, cache: SegmentCache, { view, from, until }: ReadPartials, segment: SegmentId, now: number) {
  const key = keys.segmentKey(view.fingerprint, segment);
  const id = key.toString("latin1");
  store.environment.root.resetReadTxn();
  let cached = cache.get(id);
  const runs = listRuns(store, key, cached?.mergedThrough ?? 0);
  if (!cached && !runs.some(({ run }) => run.maxWindow >= from && run.minWindow < until)) return undefined;
  for (const { key: runKey, run } of runs) {
    const bytes = store.runs.get(runKey);
    if (!bytes) throw new StorageError(`reading rows of view "${view.name}": a run is missing`, store.environment.path);
    const columns = decodeRun(bytes);
    if (cached) cached.table.apply(columns);
    else cached = { table: new SegmentTable(columns), mergedThrough: 0, expiresAt: 0, bytes: 0 };
    cached.mergedThrough = run.sequence;
    // That of every run of a segment is the same function of the log.
    cached.expiresAt = Math.max(cached.expiresAt, run.expiresAt);
  }
  if (!cached) return undefined;
  if (cached.expiresAt <= now) {
    cache.delete(id);
    return undefined;
  }
  if (runs.length > 0) cache.put(id, cached);
  return cached.table.partials(segment, from, until);
}

interface ListedRun {
  readonly key: Buffer;
  readonly run: RunKey;
}

/** The runs of a segment with a sequence above `after`, oldest first. */
function listRuns(store: OpenStore, segment: Buffer, after: number, limit?: number): ListedRun[] {
  const range = { ...keys.runsAfter(segment, after), ...(limit === undefined ? {} : { limit }) };
  return [...store.runs.getKeys(range)].map((key) => ({ key, run: keys.parseRunKey(key) }));
}

/**
 * Merges the newest runs, and older ones as long as they are at most twice as large as what is merged already: so each
 * row is rewritten a number of times that grows with the logarithm of the segment. Returns how many runs there are then.
 */
function mergeNewest(store: OpenStore, segment: Buffer): number {
  const runs = listRuns(store, segment, 0);
  let from = runs.length - 1;
  let rows = runs[from]?.run.rows ?? 0;
  while (from > 0 && runs[from - 1]!.run.rows <= 2 * rows) rows += runs[--from]!.run.rows;
  mergeRuns(store, segment, runs.slice(from));
  return from + 1;
}

/** Replaces runs that follow each other by one, inside a transaction. */
function mergeRuns(store: OpenStore, segment: Buffer, runs: readonly ListedRun[]): void {
  if (runs.length < 2) return;
  let table: SegmentTable | undefined;
  for (const { key } of runs) {
    const bytes = store.runs.get(key);
    if (!bytes) throw new StorageError("merging rows: a run is missing", store.environment.path);
    const columns = decodeRun(bytes);
    if (table) table.apply(columns);
    else table = new SegmentTable(columns);
    store.runs.removeSync(key);
    store.expiries.removeSync(keys.expiryKey(key));
  }
  const { length: rows, minWindow, maxWindow } = table!;
  const expiresAt = Math.max(...runs.map(({ run }) => run.expiresAt));
  putRun(store, segment, { sequence: runs.at(-1)!.run.sequence, rows, minWindow, maxWindow, expiresAt }, encodeRun(table!.columns()));
}

function putRun(store: OpenStore, segment: Buffer, run: RunKey, bytes: Buffer): void {
  const key = keys.runKey(segment, run);
  store.runs.putSync(key, bytes);
  store.expiries.putSync(keys.expiryKey(key), NOTHING);
}

/** Drops at most {@link SWEPT_ENTRIES} of each kind, inside a transaction; true when there is more to do. */
function sweepSome(store: OpenStore, now: number): boolean {
  let dropped = 0;
  for (const key of [...store.expiries.getKeys({ limit: SWEPT_ENTRIES })]) {
    const { expiresAt, run } = keys.parseExpiryKey(key);
    if (expiresAt > now) break;
    store.runs.removeSync(run);
    store.expiries.removeSync(key);
    dropped++;
  }
  if (dropped > 0) raiseCounter(store.environment, SWEEPS_KEY);
  if (dropped === SWEPT_ENTRIES) return true;
  let swept = false;
  for (const { key, value } of [...store.progress.getRange({})]) {
    const row = JSON.parse(value.toString()) as ProgressRow;
    if (row.coveredUntil + PROGRESS_KEPT_MS > now) continue;
    store.progress.removeSync(key);
    store.progressOf.removeSync(keys.segmentKey(row.fingerprint, row.segment));
    swept = true;
  }
  for (const { key, value } of [...store.heartbeats.getRange({})]) {
    if ((JSON.parse(value.toString()) as Heartbeat).at + HEARTBEAT_KEPT_MS <= now) store.heartbeats.removeSync(key);
  }
  if (swept) raiseCounter(store.environment, SWEEPS_KEY);
  return false;
}

function takeSequence(environment: LmdbEnvironment): number {
  return raiseCounter(environment, SEQUENCE_KEY);
}

function raiseCounter(environment: LmdbEnvironment, key: Buffer): number {
  const next = readCounter(environment, key) + 1;
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(next, 0);
  environment.root.putSync(key, bytes);
  return next;
}

function readCounter({ root }: LmdbEnvironment, key: Buffer): number {
  return root.get(key)?.readDoubleLE(0) ?? 0;
}

function windowsOf(windows: Float64Array, length: number): { readonly minWindow: number; readonly maxWindow: number } {
  let minWindow = Infinity;
  let maxWindow = -Infinity;
  for (let i = 0; i < length; i++) {
    minWindow = Math.min(minWindow, windows[i]!);
    maxWindow = Math.max(maxWindow, windows[i]!);
  }
  return { minWindow, maxWindow };
}
