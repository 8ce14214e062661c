import type { HdfsStatus } from "./hdfs-calls.js";

/** A `FileStatus` of WebHDFS, as far as it is used. */
export interface RemoteStatus {
  readonly pathSuffix: string;
  readonly type: string;
  readonly length: number;
  readonly modificationTime: number;
  readonly blockSize: number;
  readonly encBit?: boolean;
  readonly ecBit?: boolean;
}

/** The same in words of ours. */
export const statusOf = ({ pathSuffix, type, length, modificationTime, blockSize, encBit, ecBit }: RemoteStatus): HdfsStatus => ({
  name: pathSuffix,
  isFolder: type === "DIRECTORY",
  bytes: length,
  modifiedAt: modificationTime,
  blockBytes: blockSize,
  isPlain: encBit !== true && ecBit !== true,
});
