import { randomUUID } from "node:crypto";
import { checkFilePath, ClosedError, FileNotFoundError, FileSystemError, retrying, systemClock, TEMPORARY_PREFIX, whileOpen, type Clock, type FileInfo, type FileSystem, type FileWriter } from "@millrace/core";
import type { HdfsAttempt, HdfsCalls, HdfsUpload } from "./hdfs-calls.js";
import { comparableChecksum, HdfsChecksum } from "./hdfs-checksum.js";
import { hdfsFailure } from "./hdfs-failure.js";

/** What every file system on HDFS takes, however its servers are reached. */
export interface HdfsFilesOptions {
  /** The folder in HDFS that all paths are relative to, absolute: `/millrace`. Created with its first file. */
  readonly root: string;
  /** Default "hdfs". */
  readonly name?: string;
  /**
   * What SQL engines call the file system: `hdfs://nn1.example:8020`, or `hdfs://` with the name of the service where
   * there are several NameNodes. Without it, engines read through WebHDFS, which is slower.
   */
  readonly fileSystemUri?: string;
  /** For so long a call is repeated that failed and may succeed later: a fail-over takes some seconds. Default 30,000. */
  readonly patienceMs?: number;
  /** Files up to this size are held in memory, and sent again when a DataNode fails; larger ones are streamed. Default 4 MiB. */
  readonly bufferBytes?: number;
  /** Tells how old a temporary file is. Default: the system's. */
  readonly clock?: Clock;
}

/** A temporary file as old as this belongs to a dead writer. */
const ABANDONED_MS = 86_400_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Folders that are listed at a time. */
const LISTINGS = 8;
/** Cleaning up does not wait longer for servers that are away. */
const CLEAN_UP_MS = 5_000;

/**
 * Files in HDFS over `calls`. A file is written under a temporary name in its folder, compared with what was sent, and
 * renamed, which HDFS does in one step. Temporary files older than a day are removed by the listing that finds them.
 */
export function filesOn(calls: HdfsCalls, options: HdfsFilesOptions & { readonly defaultUri: string }): FileSystem {
  const { name = "hdfs", fileSystemUri = options.defaultUri, patienceMs = 30_000, bufferBytes = 4 * 2 ** 20, clock = systemClock() } = options;
  if (!options.root.startsWith("/")) throw new RangeError(`root "${options.root}" of file system "${name}" must be an absolute path in HDFS`);
  const root = options.root === "/" ? "" : `/${checkFilePath(options.root.slice(1).replace(/\/$/, ""), "folder")}`;
  const retry = retrying({ maxAttempts: Infinity, maxElapsedMs: patienceMs, firstDelayMs: FIRST_PAUSE_MS, maxDelayMs: LONGEST_PAUSE_MS }, { clock: systemClock(), random: Math.random });
  const closing = new AbortController();

  const self = { name, closing: closing.signal };
  const absolute = (path: string): string => (path === "" ? root || "/" : `${root}/${path}`);

  const removeQuietly = async (path: string): Promise<void> => {
    await calls.remove(path, AbortSignal.timeout(CLEAN_UP_MS)).catch(() => {});
  };

  /** Compares what the server has with what was sent. */
  const verify = async (path: string, sent: HdfsChecksum, attempt: HdfsAttempt, signal: AbortSignal): Promise<void> => {
    const changed = (message: string) => hdfsFailure({ doing: `checking "${path}"`, path, code: "Changed", message });
    const status = await calls.status(path, signal);
    if (status === undefined) throw changed("the server took the file, and does not have it");
    if (status.bytes !== sent.bytes) throw changed(`the server has ${status.bytes} of the ${sent.bytes} bytes that were sent`);
    if (sent.bytes === 0) return;
    const isOneBlock = sent.bytes <= Math.min(status.blockBytes, sent.blockBytes);
    const digest = sent.digest();
    if (status.isPlain && (status.blockBytes === sent.blockBytes || isOneBlock)) {
      const kept = comparableChecksum(await calls.checksum(path, attempt, signal));
      if (kept === digest) return;
      if (kept !== undefined) throw changed("its checksum is not that of the bytes that were sent");
    }
    const back = new HdfsChecksum(sent.blockBytes);
    await calls.read(path, (chunk) => back.update(chunk), attempt, signal);
    if (back.bytes !== sent.bytes || back.digest() !== digest) throw changed("it read back with other bytes than were sent");
  };

  const checksum = async (signal: AbortSignal): Promise<HdfsChecksum> => new HdfsChecksum(await retry("asking HDFS for its block size", () => calls.blockBytes(signal), signal));

  const newTemporary = (path: string): string => absolute(path).replace(/[^/]*$/, `${TEMPORARY_PREFIX}-${randomUUID()}`);

  /** A temporary file with this content, whole. */
  const writeTemporary = async (path: string, content: Uint8Array, signal: AbortSignal): Promise<string> => {
    const attempt: HdfsAttempt = { excluded: new Set() };
    const sent = async () => {
      const made = await checksum(signal);
      made.update(content);
      return made;
    };
    return retry(
      `writing file "${path}"`,
      async () => {
        const temporary = newTemporary(path);
        try {
          await calls.create(temporary, content, attempt, signal);
          await verify(temporary, await sent(), attempt, signal);
        } catch (error) {
          await removeQuietly(temporary);
          throw error;
        }
        return temporary;
      },
      signal,
    );
  };

  /** Begins to send a large file. What was held of it until now can still be sent again. */
  const beginStream = async (path: string, held: readonly Uint8Array[], signal: AbortSignal): Promise<Streaming> => {
    const attempt: HdfsAttempt = { excluded: new Set() };
    return retry(
      `writing file "${path}"`,
      async () => {
        const temporary = newTemporary(path);
        const upload = await calls.upload(temporary, attempt, signal);
        try {
          for (const chunk of held) await upload.write(chunk);
        } catch (error) {
          upload.abort();
          await removeQuietly(temporary);
          throw error;
        }
        return { upload, temporary, attempt };
      },
      signal,
    );
  };

  /** A file that was streamed cannot be sent again here: one that is not whole fails at once. */
  const verifyStreamed = async (path: string, { temporary, attempt }: Streaming, sent: HdfsChecksum, signal: AbortSignal): Promise<void> => {
    const changed = await retry(
      `checking file "${path}"`,
      async () => {
        try {
          await verify(temporary, sent, attempt, signal);
          return undefined;
        } catch (error) {
          if (error instanceof FileSystemError && error.systemCode === "Changed") return error;
          throw error;
        }
      },
      signal,
    );
    if (changed) throw changed;
  };

  /** Gives a temporary file its name. False when there is a file of that name and it is not to be replaced. */
  const publish = async (temporary: string, path: string, overwrite: boolean, signal: AbortSignal): Promise<boolean> => {
    const target = absolute(path);
    let attempts = 0;
    try {
      return await retry(
        `renaming to file "${path}"`,
        async () => {
          attempts++;
          const outcome = await calls.rename(temporary, target, overwrite, signal);
          if (outcome === "renamed") return true;
          // Nobody else knows the temporary file: if it is gone, an attempt renamed it whose answer was lost.
          const isMoved = attempts > 1 && (outcome === "missing" || (await calls.status(temporary, signal)) === undefined);
          if (isMoved && (await calls.status(target, signal)) !== undefined) return true;
          if (outcome === "missing") throw hdfsFailure({ doing: `renaming to "${target}"`, path, code: "FileNotFoundException", message: "its temporary file is gone: somebody removed the folder" });
          if ((await calls.status(target, signal))?.isFolder === true) throw hdfsFailure({ doing: `renaming to "${target}"`, path, code: "FileAlreadyExistsException" });
          await removeQuietly(temporary);
          return false;
        },
        signal,
      );
    } catch (error) {
      // An attempt that the server has not begun yet must not rename it later.
      await removeQuietly(temporary);
      throw error;
    }
  };

  const listInto = async (folder: string, signal: AbortSignal): Promise<FileInfo[]> => {
    const files: FileInfo[] = [];
    const folders = [folder];
    const listOne = async (path: string): Promise<void> => {
      const entries = await retry(`listing folder "${path}"`, () => calls.list(absolute(path), signal), signal);
      for (const { name: entry, isFolder, bytes, modifiedAt } of entries ?? []) {
        // The folder that was asked for is a file.
        if (entry === "") continue;
        const below = path === "" ? entry : `${path}/${entry}`;
        if (entry.startsWith(TEMPORARY_PREFIX)) {
          if (!isFolder && modifiedAt < clock.now() - ABANDONED_MS) await removeQuietly(absolute(below));
        } else if (isFolder) folders.push(below);
        else files.push({ path: below, bytes });
      }
    };
    while (folders.length > 0) await Promise.all(folders.splice(0, LISTINGS).map(listOne));
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  };

  return {
    name,
    async write(path, signal) {
      return whileOpen(self, "writing to file system", signal, async (either) => {
        checkFilePath(path);
        const sent = await checksum(either);
        return new HdfsFileWriter({
          path,
          sent,
          bufferBytes,
          signal,
          whileOpen: (work) => whileOpen(self, "writing to file system", signal, work),
          begin: (held) => beginStream(path, held, signal),
          writeTemporary: (content, during) => writeTemporary(path, content, during),
          verify: (stream, during) => verifyStreamed(path, stream, sent, during),
          publish: async (temporary, during) => void (await publish(temporary, path, true, during)),
          removeQuietly,
        });
      });
    },
    async putIfAbsent(path, content, signal) {
      return whileOpen(self, "writing to file system", signal, async (either) => {
        checkFilePath(path);
        const there = await retry(`looking at file "${path}"`, () => calls.status(absolute(path), either), either);
        if (there?.isFolder === true) throw hdfsFailure({ doing: `creating file "${path}"`, path, code: "FileAlreadyExistsException" });
        if (there !== undefined) return false;
        return publish(await writeTemporary(path, content, either), path, false, either);
      });
    },
    async replace(path, content, signal) {
      await whileOpen(self, "writing to file system", signal, async (either) => {
        checkFilePath(path);
        await publish(await writeTemporary(path, content, either), path, true, either);
      });
    },
    async read(path, signal) {
      return whileOpen(self, "reading file system", signal, async (either) => {
        checkFilePath(path);
        const attempt: HdfsAttempt = { excluded: new Set() };
        return retry(
          `reading file "${path}"`,
          async () => {
            const chunks: Uint8Array[] = [];
            if (!(await calls.read(absolute(path), (chunk) => chunks.push(chunk), attempt, either))) throw new FileNotFoundError(path);
            return Buffer.concat(chunks);
          },
          either,
        );
      });
    },
    async list(folder, signal) {
      return whileOpen(self, "listing file system", signal, async (either) => listInto(checkFilePath(folder, "folder"), either));
    },
    async remove(path, signal) {
      await whileOpen(self, "removing from file system", signal, async (either) => {
        checkFilePath(path);
        await retry(`removing "${path}"`, () => calls.remove(absolute(path), either), either);
      });
    },
    uri: (path) => `${fileSystemUri.replace(/\/$/, "")}${absolute(checkFilePath(path))}`,
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new ClosedError(name, "using file system"));
      calls.close();
    },
  };
}

interface Streaming {
  readonly upload: HdfsUpload;
  readonly temporary: string;
  readonly attempt: HdfsAttempt;
}

interface Writing {
  readonly path: string;
  readonly sent: HdfsChecksum;
  readonly bufferBytes: number;
  readonly signal: AbortSignal;
  readonly whileOpen: <T>(work: (either: AbortSignal) => Promise<T>) => Promise<T>;
  readonly begin: (held: readonly Uint8Array[]) => Promise<Streaming>;
  readonly writeTemporary: (content: Uint8Array, signal: AbortSignal) => Promise<string>;
  readonly verify: (stream: Streaming, signal: AbortSignal) => Promise<void>;
  readonly publish: (temporary: string, signal: AbortSignal) => Promise<void>;
  readonly removeQuietly: (path: string) => Promise<void>;
}

/** Holds a small file until it is committed; streams a larger one from when it has grown too large to be held. */
class HdfsFileWriter implements FileWriter {
  readonly #writing: Writing;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #bytes = 0;
  #stream: Streaming | undefined;
  #state: "open" | "committed" | "broken" | "aborted" = "open";

  constructor(writing: Writing) {
    this.#writing = writing;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { path, signal, bufferBytes, begin, whileOpen } = this.#writing;
    signal.throwIfAborted();
    if (this.#state !== "open") throw new ClosedError(path, "writing to file");
    await whileOpen(async () => {
      try {
        this.#bytes += chunk.length;
        if (this.#stream === undefined && this.#heldBytes + chunk.length <= bufferBytes) {
          this.#held.push(chunk.slice());
          this.#heldBytes += chunk.length;
          return;
        }
        if (this.#stream === undefined) {
          this.#stream = await begin(this.#held);
          for (const each of this.#held) this.#writing.sent.update(each);
          this.#held = [];
        }
        this.#writing.sent.update(chunk);
        await this.#stream.upload.write(chunk);
      } catch (error) {
        await this.#break();
        throw error;
      }
    });
  }

  async commit(): Promise<FileInfo> {
    const { path, signal, whileOpen, writeTemporary, verify, publish } = this.#writing;
    const info = { path, bytes: this.#bytes };
    if (this.#state === "committed") return info;
    signal.throwIfAborted();
    if (this.#state !== "open") throw new ClosedError(path, "committing file");
    return whileOpen(async (either) => {
      try {
        let temporary: string;
        if (this.#stream === undefined) temporary = await writeTemporary(Buffer.concat(this.#held), either);
        else {
          await this.#stream.upload.end();
          temporary = this.#stream.temporary;
          await verify(this.#stream, either);
        }
        await publish(temporary, either);
        this.#state = "committed";
        this.#held = [];
        return info;
      } catch (error) {
        await this.#break();
        throw error;
      }
    });
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    await this.#break();
    this.#state = "aborted";
  }

  async #break(): Promise<void> {
    this.#state = "broken";
    this.#held = [];
    if (this.#stream === undefined) return;
    this.#stream.upload.abort();
    await this.#writing.removeQuietly(this.#stream.temporary);
  }
}
