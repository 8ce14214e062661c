import { ClosedError } from "../errors/closed-error.js";
import { FileNotFoundError } from "../errors/file-not-found-error.js";
import { FileSystemError } from "../errors/file-system-error.js";
import { checkFilePath } from "../files/file-path.js";
import type { FileInfo, FileSystem } from "../ports/file-system.js";

/** What `memoryFileSystem` takes. */
export interface MemoryFileSystemOptions {
  /** Default "memory". */
  readonly name?: string;
}

/** Files in memory: the oracle of the other file systems. */
export function memoryFileSystem(options: MemoryFileSystemOptions = {}): FileSystem {
  const name = options.name ?? "memory";
  const files = new Map<string, Uint8Array>();
  let closed = false;

  const open = (doing: string, signal: AbortSignal): void => {
    signal.throwIfAborted();
    if (closed) throw new ClosedError(name, doing);
  };
  // As on a disk: a name is a file or a folder, not both.
  const refuseFolder = (path: string, doing: string): void => {
    for (const existing of files.keys()) {
      if (existing.startsWith(`${path}/`)) throw new FileSystemError(`${doing} "${path}"`, { path, retryable: false, systemCode: "EISDIR" });
      if (path.startsWith(`${existing}/`)) throw new FileSystemError(`${doing} "${path}"`, { path, retryable: false, systemCode: "ENOTDIR" });
    }
  };

  return {
    name,
    async write(path, signal) {
      open("writing to file system", signal);
      checkFilePath(path);
      refuseFolder(path, "writing file");
      let chunks: Uint8Array[] | undefined = [];
      let committed: FileInfo | undefined;
      return {
        async write(chunk) {
          signal.throwIfAborted();
          if (!chunks) throw new ClosedError(path, "writing to file");
          chunks.push(chunk.slice());
        },
        async commit() {
          signal.throwIfAborted();
          if (committed) return committed;
          if (!chunks) throw new ClosedError(path, "committing file");
          open("writing to file system", signal);
          const content = Buffer.concat(chunks);
          chunks = undefined;
          files.set(path, Uint8Array.from(content));
          return (committed = { path, bytes: content.length });
        },
        async abort() {
          chunks = undefined;
        },
      };
    },
    async putIfAbsent(path, content, signal) {
      open("writing to file system", signal);
      checkFilePath(path);
      if (files.has(path)) return false;
      refuseFolder(path, "creating file");
      files.set(path, content.slice());
      return true;
    },
    async replace(path, content, signal) {
      open("writing to file system", signal);
      checkFilePath(path);
      refuseFolder(path, "replacing file");
      files.set(path, content.slice());
    },
    async read(path, signal) {
      open("reading file system", signal);
      checkFilePath(path);
      const content = files.get(path);
      if (!content) throw new FileNotFoundError(path);
      return content.slice();
    },
    async list(folder, signal) {
      open("listing file system", signal);
      checkFilePath(folder, "folder");
      return [...files]
        .filter(([path]) => folder === "" || path.startsWith(`${folder}/`))
        .map(([path, content]) => ({ path, bytes: content.length }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    async remove(path, signal) {
      open("removing from file system", signal);
      checkFilePath(path);
      files.delete(path);
      for (const existing of [...files.keys()]) if (existing.startsWith(`${path}/`)) files.delete(existing);
    },
    uri: (path) => `memory:/${path}`,
    async close() {
      closed = true;
    },
  };
}
