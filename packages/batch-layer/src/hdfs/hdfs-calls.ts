/** What HDFS says of a file or folder. */
export interface HdfsStatus {
  /** The last part of the path; "" when the path that was asked for is this file itself. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  /** Epoch ms, by the NameNode's clock. */
  readonly modifiedAt: number;
  /** Bytes a block. */
  readonly blockBytes: number;
  /** False where the stored bytes are not the file's: encrypted or erasure-coded. Their checksum cannot be computed here. */
  readonly isPlain: boolean;
}

/** A checksum as HDFS gives it. */
export interface HdfsFileChecksum {
  /** `MD5-of-32768MD5-of-512CRC32C`, for example. */
  readonly algorithm: string;
  /** Hexadecimal. */
  readonly bytes: string;
}

/** A file being sent. */
export interface HdfsUpload {
  /** Resolves when the chunk may be used again. */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when the server has the file whole, under its name. */
  end(): Promise<void>;
  /** Cuts the connection. What the server then has under the name is of any length. */
  abort(): void;
}

/** What must be known of the attempts before, so that a call does not go the same way again. */
export interface HdfsAttempt {
  /** Hosts of DataNodes that failed. */
  readonly excluded: Set<string>;
}

/**
 * The calls that a file system on HDFS is made of; paths are absolute. Each is tried once: failures are errors of
 * Millrace's own that say whether repeating can help.
 */
export interface HdfsCalls {
  /** Sends a whole file under a new name. */
  create(path: string, content: Uint8Array, attempt: HdfsAttempt, signal: AbortSignal): Promise<void>;
  /** Begins to send a file of any length under a new name. */
  upload(path: string, attempt: HdfsAttempt, signal: AbortSignal): Promise<HdfsUpload>;
  /** Hands over a file's content in pieces, in order. False when there is no such file. */
  read(path: string, onChunk: (chunk: Uint8Array) => void, attempt: HdfsAttempt, signal: AbortSignal): Promise<boolean>;
  /** Undefined when there is nothing of that name. */
  status(path: string, signal: AbortSignal): Promise<HdfsStatus | undefined>;
  checksum(path: string, attempt: HdfsAttempt, signal: AbortSignal): Promise<HdfsFileChecksum>;
  /** In one step. "missing" when `from` is not there; "exists" when `to` is a file and `overwrite` is false. */
  rename(from: string, to: string, overwrite: boolean, signal: AbortSignal): Promise<"renamed" | "exists" | "missing">;
  /** What is in a folder; undefined when there is no such folder. */
  list(folder: string, signal: AbortSignal): Promise<readonly HdfsStatus[] | undefined>;
  /** A file, or a folder with all in it. What is not there is already removed. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  /** Bytes of a block of new files, as far as the server tells. */
  blockBytes(signal: AbortSignal): Promise<number>;
  /** Ends what is open. */
  close(): void;
}
