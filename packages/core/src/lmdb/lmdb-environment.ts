import { statfs } from "node:fs/promises";
import path from "node:path";
import type * as Lmdb from "lmdb";
import type { RootDatabase } from "lmdb";
import { MillraceError } from "../errors/millrace-error.js";
import { MissingDriverError } from "../errors/missing-driver-error.js";
import { StorageError } from "../errors/storage-error.js";
import { StorageFullError } from "../errors/storage-full-error.js";

/** An open LMDB environment, shared by everyone of this process who opened its folder. */
export interface LmdbEnvironment {
  readonly path: string;
  readonly root: RootDatabase<Buffer, Buffer>;
  /**
   * Runs `write` inside one write transaction, all or nothing, and resolves when it is on disk: what a reader of any
   * process sees is durable. `write` runs on this thread and must not wait; other processes' transactions wait for it.
   *
   * @throws {StorageFullError} when the disk or the map is full; {@link StorageError} when LMDB fails otherwise.
   */
  transaction<T>(doing: string, write: () => T): Promise<T>;
  /** Called after every transaction of this process. Returns the stop. */
  onCommit(listener: () => void): () => void;
  /** Closes the environment when the last who opened it has closed it. */
  close(): Promise<void>;
}

interface Shared {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly listeners: Set<() => void>;
}

interface Opened {
  readonly shared: Promise<Shared>;
  users: number;
  /** Set while the last user closes: the folder may be opened again only after that. */
  closing: Promise<void> | undefined;
}

// LMDB forbids to open one environment twice in one process.
const opened = new Map<string, Opened>();

/**
 * Opens the LMDB environment of a folder, creating both.
 *
 * Values and keys are bytes. Commits are synced before they are visible (`overlappingSync: false`), so that no reader
 * acts on a record that a power loss takes back.
 *
 * @throws {MissingDriverError} when the package `lmdb` is not installed.
 */
export async function openLmdb(folder: string, options: { readonly user: string; readonly databases: number }): Promise<LmdbEnvironment> {
  const key = path.resolve(folder);
  for (let before = opened.get(key); before?.closing; before = opened.get(key)) await before.closing;
  let entry = opened.get(key);
  if (!entry) {
    entry = { shared: openShared(key, options), users: 0, closing: undefined };
    opened.set(key, entry);
  }
  const own = entry;
  own.users++;
  let shared: Shared;
  try {
    shared = await own.shared;
  } catch (error) {
    own.users--;
    if (opened.get(key) === own) opened.delete(key);
    throw error;
  }
  let closed = false;
  const stops = new Set<() => void>();
  return {
    path: key,
    root: shared.root,
    async transaction(doing, write) {
      try {
        const result = await shared.root.childTransaction(write);
        for (const listener of [...shared.listeners]) listener();
        return result;
      } catch (error) {
        throw await lmdbFailure(doing, key, error);
      }
    },
    onCommit(listener) {
      const own = (): void => listener();
      shared.listeners.add(own);
      const stop = (): void => {
        shared.listeners.delete(own);
        stops.delete(stop);
      };
      stops.add(stop);
      return stop;
    },
    async close() {
      if (closed) return own.closing;
      closed = true;
      for (const stop of stops) stop();
      if (--own.users > 0) return;
      own.closing = shared.root.close().finally(() => opened.delete(key));
      await own.closing;
    },
  };
}

async function openShared(folder: string, { user, databases }: { readonly user: string; readonly databases: number }): Promise<Shared> {
  let lmdb: typeof Lmdb;
  try {
    lmdb = await import("lmdb");
  } catch (error) {
    throw new MissingDriverError(user, "lmdb", "^3.5", error);
  }
  try {
    const root = lmdb.open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      maxDbs: databases + 1,
      encoding: "binary",
      keyEncoding: "binary",
      overlappingSync: false,
      eventTurnBatching: false,
      cache: false,
    } as Parameters<typeof lmdb.open>[0]);
    return { root, listeners: new Set() };
  } catch (error) {
    throw await lmdbFailure(`opening the store`, folder, error);
  }
}

/** Less free space than this after a failed write: the disk is full, whatever the error says. */
const FULL_BYTES = 128 * 2 ** 20;

/** LMDB's errors as ours. Errors of Millrace's own pass. */
export async function lmdbFailure(doing: string, folder: string, error: unknown, freeBytes: (folder: string) => Promise<number> = freeBytesOf): Promise<Error> {
  if (error instanceof MillraceError) return error;
  // A failed commit carries its reason in a promise that rejects a moment later.
  const reason: unknown = await Promise.resolve((error as { commitError?: unknown }).commitError).then(
    () => error,
    (cause: unknown) => cause,
  );
  const text = String(reason);
  if (/MDB_MAP_FULL|No space left|ENOSPC|File too large|EFBIG|quota|EDQUOT/i.test(text)) return new StorageFullError(doing, folder, reason);
  // LMDB calls a write that was cut short by a full disk an input/output error.
  if (/Input\/output error|EIO/.test(text)) {
    if ((await freeBytes(folder)) < FULL_BYTES) return new StorageFullError(doing, folder, reason);
    return new StorageError(doing, folder, { cause: reason, advice: "the disk reports an error, or a limit (ulimit -f, quota) refuses a larger file" });
  }
  return new StorageError(doing, folder, { cause: reason });
}

async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
