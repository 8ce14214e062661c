import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import type { Dirent } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { ClosedError, FileNotFoundError, TEMPORARY_PREFIX, checkFilePath, systemClock } from "@millrace/core";
import type { Clock, FileInfo, FileSystem, FileWriter } from "@millrace/core";
import { fileSystemFailure, systemCodeOf } from "./file-system-failure.js";

/** A temporary file as old as this belongs to a dead writer. */
const ABANDONED_MS = 86_400_000;

/** What `localFileSystem` takes. */
export interface LocalFileSystemOptions {
  /** The folder that all paths are relative to; created when absent. */
  readonly root: string;
  /** Default "local". */
  readonly name?: string;
  /** Tells how old a temporary file is. Default: the system's. */
  readonly clock?: Clock;
}

/**
 * Files of one disk, shared by any number of processes. What is visible is whole and durable: every file is written
 * under a temporary name in its folder, synced, and renamed (or linked, where it must not replace another), and the
 * folder is synced after it. At first use, temporary files older than a day are removed: their writers are dead.
 */
export function localFileSystem(options: LocalFileSystemOptions): FileSystem {
  const name = options.name ?? "local";
  const clock = options.clock ?? systemClock();
  const root = path.resolve(options.root);
  let opening: Promise<void> | undefined;
  let closed = false;

  const open = async (doing: string, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (closed) throw new ClosedError(name, doing);
    opening ??= prepareRoot(root, clock).catch((error: unknown) => {
      opening = undefined;
      throw fileSystemFailure(`opening folder "${root}"`, "", error);
    });
    await opening;
  };
  const absolute = (file: string): string => path.join(root, ...file.split("/"));

  const writeTemporary = async (file: string, content: Uint8Array, signal: AbortSignal): Promise<string> => {
    const temporary = await newTemporary(absolute(file));
    try {
      const handle = await fs.open(temporary, "wx");
      try {
        await handle.writeFile(content, { signal });
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      await removeQuietly(temporary);
      throw error;
    }
    return temporary;
  };

  return {
    name,
    async write(file, signal) {
      await open("writing to file system", signal);
      checkFilePath(file);
      try {
        const target = absolute(file);
        const temporary = await newTemporary(target);
        return new LocalFileWriter(file, target, temporary, await fs.open(temporary, "wx"), signal);
      } catch (error) {
        throw fileSystemFailure(`writing file "${file}"`, file, error, signal);
      }
    },
    async putIfAbsent(file, content, signal) {
      await open("writing to file system", signal);
      checkFilePath(file);
      try {
        const target = absolute(file);
        if (await exists(target)) return false;
        const temporary = await writeTemporary(file, content, signal);
        try {
          // Unlike rename, link fails when the name exists, and it gives the whole file or nothing.
          await fs.link(temporary, target);
        } catch (error) {
          if (systemCodeOf(error) === "EEXIST") return false;
          throw error;
        } finally {
          await removeQuietly(temporary);
        }
        await syncFolder(path.dirname(target));
        return true;
      } catch (error) {
        throw fileSystemFailure(`creating file "${file}"`, file, error, signal);
      }
    },
    async replace(file, content, signal) {
      await open("writing to file system", signal);
      checkFilePath(file);
      try {
        const target = absolute(file);
        const temporary = await writeTemporary(file, content, signal);
        await renameInto(temporary, target);
      } catch (error) {
        throw fileSystemFailure(`replacing file "${file}"`, file, error, signal);
      }
    },
    async read(file, signal) {
      await open("reading file system", signal);
      checkFilePath(file);
      try {
        return await fs.readFile(absolute(file), { signal });
      } catch (error) {
        if (["ENOENT", "ENOTDIR", "EISDIR"].includes(systemCodeOf(error) ?? "")) throw new FileNotFoundError(file, { cause: error });
        throw fileSystemFailure(`reading file "${file}"`, file, error, signal);
      }
    },
    async list(folder, signal) {
      await open("listing file system", signal);
      checkFilePath(folder, "folder");
      try {
        const files: FileInfo[] = [];
        await listInto(folder === "" ? root : absolute(folder), folder === "" ? "" : `${folder}/`, files, signal);
        return files.sort((a, b) => (a.path < b.path ? -1 : 1));
      } catch (error) {
        throw fileSystemFailure(`listing folder "${folder}"`, folder, error, signal);
      }
    },
    async remove(file, signal) {
      await open("removing from file system", signal);
      checkFilePath(file);
      try {
        await fs.rm(absolute(file), { recursive: true, force: true });
      } catch (error) {
        if (systemCodeOf(error) === "ENOTDIR") return;
        throw fileSystemFailure(`removing "${file}"`, file, error, signal);
      }
    },
    uri: (file) => absolute(checkFilePath(file)),
    async close() {
      closed = true;
    },
  };
}

class LocalFileWriter implements FileWriter {
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: fs.FileHandle;
  readonly #signal: AbortSignal;
  #bytes = 0;
  #state: "open" | "committed" | "aborted" = "open";

  constructor(file: string, target: string, temporary: string, handle: fs.FileHandle, signal: AbortSignal) {
    this.#path = file;
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#signal = signal;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#state !== "open") throw new ClosedError(this.#path, "writing to file");
    try {
      for (let at = 0; at < chunk.length; ) at += (await this.#handle.write(chunk, at)).bytesWritten;
      this.#bytes += chunk.length;
    } catch (error) {
      throw fileSystemFailure(`writing file "${this.#path}"`, this.#path, error);
    }
  }

  async commit(): Promise<FileInfo> {
    const info = { path: this.#path, bytes: this.#bytes };
    if (this.#state === "committed") return info;
    this.#signal.throwIfAborted();
    if (this.#state !== "open") throw new ClosedError(this.#path, "committing file");
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await renameInto(this.#temporary, this.#target);
      this.#state = "committed";
      return info;
    } catch (error) {
      throw fileSystemFailure(`committing file "${this.#path}"`, this.#path, error);
    }
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    await this.#handle.close().catch(() => {});
    await removeQuietly(this.#temporary);
  }
}

async function prepareRoot(root: string, clock: Clock): Promise<void> {
  await fs.mkdir(root, { recursive: true });
  const oldest = clock.now() - ABANDONED_MS;
  for (const entry of await fs.readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.startsWith(TEMPORARY_PREFIX)) continue;
    const file = path.join(entry.parentPath, entry.name);
    // It may be gone between listing and looking.
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat && stat.mtimeMs < oldest) await removeQuietly(file);
  }
}

/** A new name beside the target, so that renaming never crosses file systems; creates the folder, durably. */
async function newTemporary(target: string): Promise<string> {
  const folder = path.dirname(target);
  const created = await fs.mkdir(folder, { recursive: true });
  if (created !== undefined) {
    // Each new folder is an entry of its parent, up to the first that was there.
    const last = path.dirname(created);
    let parent = folder;
    do await syncFolder((parent = path.dirname(parent)));
    while (parent !== last);
  }
  return path.join(folder, `${TEMPORARY_PREFIX}-${randomUUID()}`);
}

async function renameInto(temporary: string, target: string): Promise<void> {
  try {
    await fs.rename(temporary, target);
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
  await syncFolder(path.dirname(target));
}

/** Makes names in a folder durable. Windows cannot open folders and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await fs.open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    const stat = await fs.stat(file);
    if (stat.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function listInto(folder: string, prefix: string, into: FileInfo[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let entries: Dirent[];
  try {
    entries = await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.name.startsWith(TEMPORARY_PREFIX)) continue;
    if (entry.isDirectory()) await listInto(path.join(folder, entry.name), `${prefix}${entry.name}/`, into, signal);
    else if (entry.isFile()) {
      // Removed since the folder was read: then it is not there.
      const stat = await fs.stat(path.join(folder, entry.name)).catch(() => undefined);
      if (stat) into.push({ path: `${prefix}${entry.name}`, bytes: stat.size });
    }
  }
}

async function removeQuietly(file: string): Promise<void> {
  await fs.rm(file, { force: true }).catch(() => {});
}
