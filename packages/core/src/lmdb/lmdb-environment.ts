import { mkdir, statfs } from "node:fs/promises";
import path from "node:path";
import type * as Lmdb from "lmdb";
import type { Database, RootDatabase } from "lmdb";
import { MillraceError } from "../errors/millrace-error.js";
import { MissingDriverError } from "../errors/missing-driver-error.js";
import { StorageError } from "../errors/storage-error.js";
import { StorageFullError } from "../errors/storage-full-error.js";

/** An open LMDB environment, shared by everyone of this process who opened its folder. */
export interface LmdbEnvironment<Name extends string = string> {
  readonly path: string;
  readonly root: Table;
  readonly databases: Readonly<Record<Name, Database<Buffer, Buffer>>>;
  /**
   * Runs `write` inside one write transaction, all or nothing, and resolves when it is on disk: what a reader of any
   * process sees is durable. `write` runs on this thread and must not wait; other processes' transactions wait for it.
   *
   * @throws {StorageFullError} when the disk or the map is full; {@link StorageError} when LMDB fails otherwise.
   */
  transaction<T>(doing: string, write: () => T): Promise<T>;
  /**
   * Resolves once every transaction that was begun before the call can be read, also one whose process was killed
   * between writing it and saying so: LMDB shows that one only when the next writer takes the lock.
   */
  settled(doing: string): Promise<void>;
  /** Called after every transaction of this process that wrote. Returns the stop. */
  onCommit(listener: () => void): () => void;
  /** Closes the environment when the last who opened it has closed it. */
  close(): Promise<void>;
}

export interface OpenLmdb<Name extends string> {
  /** Who needs the package, for the error that says it is missing. */
  readonly user: string;
  /** Written when the folder is created; a folder of another format is refused. */
  readonly format: string;
  readonly databases: readonly Name[];
}

type Table = RootDatabase<Buffer, Buffer>;

interface Shared {
  readonly root: Table;
  readonly gate: Table;
  readonly listeners: Set<() => void>;
}

interface Opened {
  readonly shared: Promise<Shared>;
  users: number;
  /** Set while the last user closes: the folder may be opened again only after that. */
  closing: Promise<void> | undefined;
}

const FORMAT_KEY = Buffer.from("format");
const BINARY = { encoding: "binary", keyEncoding: "binary" } as const;
/** Databases of one environment, whoever opened it. */
const MAX_DATABASES = 16;

// LMDB forbids to open one environment twice in one process.
const opened = new Map<string, Opened>();

/**
 * Opens the LMDB environment of a folder, creating both.
 *
 * Values and keys are bytes. Commits are synced before they are visible (`overlappingSync: false`), so that no reader
 * acts on a record that a power loss takes back.
 *
 * Opening an environment while another process commits can take that commit back, or break the file: OpenLDAP's
 * ITS#9496, which the LMDB of package `lmdb` still has. So everything that opens or writes holds the write lock of a
 * second environment in the same folder, the gate. Nothing is ever written to that one, so opening it is harmless.
 *
 * @throws {MissingDriverError} when the package `lmdb` is not installed; {@link StorageError} for another format.
 */
export async function openLmdb<Name extends string>(folder: string, options: OpenLmdb<Name>): Promise<LmdbEnvironment<Name>> {
  const key = path.resolve(folder);
  for (let before = opened.get(key); before?.closing; before = opened.get(key)) await before.closing;
  let entry = opened.get(key);
  if (!entry) {
    entry = { shared: openShared(key, options.user), users: 0, closing: undefined };
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
  const close = async (): Promise<void> => {
    if (closed) return own.closing;
    closed = true;
    for (const stop of stops) stop();
    if (--own.users > 0) return;
    own.closing = shared.root
      .close()
      .then(() => shared.gate.close())
      .finally(() => opened.delete(key));
    await own.closing;
  };
  try {
    const databases = await throughGate(shared.gate, async () => {
      const { root } = shared;
      const format = root.get(FORMAT_KEY)?.toString();
      if (format === undefined) await root.childTransaction(() => root.putSync(FORMAT_KEY, Buffer.from(options.format)));
      else if (format !== options.format) {
        throw new StorageError(`opening a store of format "${format}"`, key, {
          advice: `this version reads "${options.format}"; use another folder or the version that wrote it`,
        });
      }
      return Object.fromEntries(options.databases.map((name) => [name, root.openDB<Buffer, Buffer>(name, BINARY)])) as Record<Name, Database<Buffer, Buffer>>;
    });
    return {
      path: key,
      root: shared.root,
      databases,
      async transaction(doing, write) {
        try {
          const result = await throughGate(shared.gate, () => shared.root.childTransaction(write));
          for (const listener of [...shared.listeners]) listener();
          return result;
        } catch (error) {
          throw await lmdbFailure(doing, key, error);
        }
      },
      async settled(doing) {
        try {
          await throughGate(shared.gate, () => shared.root.childTransaction(() => {}));
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
      close,
    };
  } catch (error) {
    await close();
    throw await lmdbFailure("opening the store", key, error);
  }
}

/** Runs `work` while no other process opens or writes the environment. A holder that dies leaves it to the next. */
async function throughGate<T>(gate: Table, work: () => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  await gate.transaction(async () => {
    result = work();
    await result.catch(() => {});
  });
  return result!;
}

async function openShared(folder: string, user: string): Promise<Shared> {
  let lmdb: typeof Lmdb;
  try {
    lmdb = await import("lmdb");
  } catch (error) {
    throw new MissingDriverError(user, "lmdb", "^3.5", error);
  }
  const open = (options: { readonly path: string; readonly noSubdir: boolean; readonly maxDbs: number }): Table =>
    lmdb.open<Buffer, Buffer>({ ...BINARY, ...options, overlappingSync: false, eventTurnBatching: false, cache: false } as Parameters<typeof lmdb.open>[0]);
  let gate: Table | undefined;
  try {
    await mkdir(folder, { recursive: true });
    const opening = open({ path: path.join(folder, "gate.mdb"), noSubdir: true, maxDbs: 1 });
    gate = opening;
    const root = await throughGate(opening, async () => open({ path: folder, noSubdir: false, maxDbs: MAX_DATABASES }));
    return { root, gate, listeners: new Set() };
  } catch (error) {
    await gate?.close();
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
