/** A file that is whole. */
export interface FileInfo {
  /** Relative to the file system's root, `/` between parts, no leading `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** A file being written: nobody sees it before `commit`. */
export interface FileWriter {
  /** Appends. The chunk may be used again once it resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /** Durable and visible under its path, whole, replacing a file of that name. */
  commit(): Promise<FileInfo>;
  /** Leaves nothing behind. Safe after a failure, and after `commit` a no-op. */
  abort(): Promise<void>;
}

/** Where the master dataset, tables and generations live. Paths are relative; folders appear with their files. */
export interface FileSystem {
  readonly name: string;
  /** A torn write is never visible. */
  write(path: string, signal: AbortSignal): Promise<FileWriter>;
  /** Creates the file durably, whole, unless one of that name exists: then false, and nothing changed. Atomic among processes. */
  putIfAbsent(path: string, content: Uint8Array, signal: AbortSignal): Promise<boolean>;
  /** Replaces a small file in one step: readers see the old or the new content. */
  replace(path: string, content: Uint8Array, signal: AbortSignal): Promise<void>;
  /** @throws {FileNotFoundError} when there is none. */
  read(path: string, signal: AbortSignal): Promise<Uint8Array>;
  /** All files below a folder, at any depth, in path order; none when the folder does not exist. Names starting with `_tmp` are not files. */
  list(folder: string, signal: AbortSignal): Promise<readonly FileInfo[]>;
  /** Removes a file or a folder with all in it; what is not there is already removed. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  /** What a SQL engine on this platform calls the file or folder. */
  uri(path: string): string;
  /** Releases what is open. Safe to call twice; every later call fails. */
  close(): Promise<void>;
}
