import { createHash, type Hash } from "node:crypto";
import { crc32c } from "./crc32c.js";

/** Bytes that HDFS makes one CRC of (`dfs.bytes-per-checksum`, rarely changed). */
const CHUNK_BYTES = 512;
/** CRCs are hashed so many at a time. */
const CRCS = 1_024;

/**
 * HDFS's checksum of a file (`MD5-of-<n>MD5-of-512CRC32C`) from its bytes as they come: the MD5 of the blocks' MD5s of
 * the CRC-32C of every 512 bytes. As in Hadoop's `FileChecksumHelper`, which hashes the whole buffer of block hashes, zeros
 * behind them included: it begins with 32 bytes and doubles. Holds 16 bytes a block.
 */
export class HdfsChecksum {
  readonly blockBytes: number;
  readonly #blocks: Buffer[] = [];
  readonly #crcs = Buffer.alloc(4 * CRCS);
  #crcCount = 0;
  #hash: Hash | undefined;
  #blockAt = 0;
  #chunkAt = 0;
  #crc = 0;
  #bytes = 0;

  /** `blockBytes` is a multiple of 512. */
  constructor(blockBytes: number) {
    this.blockBytes = blockBytes;
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  update(content: Uint8Array): void {
    this.#bytes += content.length;
    for (let at = 0; at < content.length; ) {
      const until = Math.min(content.length, at + CHUNK_BYTES - this.#chunkAt);
      this.#crc = crc32c(content, at, until, this.#crc);
      this.#chunkAt += until - at;
      this.#blockAt += until - at;
      at = until;
      if (this.#chunkAt === CHUNK_BYTES) this.#endChunk();
      if (this.#blockAt === this.blockBytes) this.#endBlock();
    }
  }

  /** Hexadecimal, of all that was given. Nothing may come after it. */
  digest(): string {
    if (this.#chunkAt > 0) this.#endChunk();
    if (this.#blockAt > 0) this.#endBlock();
    let length = 32;
    while (length < 16 * this.#blocks.length) length *= 2;
    const padded = Buffer.alloc(length);
    this.#blocks.forEach((block, i) => block.copy(padded, 16 * i));
    return createHash("md5").update(padded).digest("hex");
  }

  #endChunk(): void {
    this.#crcs.writeUInt32BE(this.#crc, 4 * this.#crcCount++);
    this.#crc = 0;
    this.#chunkAt = 0;
    if (this.#crcCount === CRCS) this.#hashCrcs();
  }

  #hashCrcs(): void {
    this.#hash ??= createHash("md5");
    this.#hash.update(this.#crcs.subarray(0, 4 * this.#crcCount));
    this.#crcCount = 0;
  }

  #endBlock(): void {
    this.#hashCrcs();
    this.#blocks.push(this.#hash!.digest());
    this.#hash = undefined;
    this.#blockAt = 0;
  }
}

/** The hash inside HDFS's answer (bytes a CRC, CRCs a block, hash), or undefined where the algorithm is another. */
export function comparableChecksum({ algorithm, bytes }: { readonly algorithm: string; readonly bytes: string }): string | undefined {
  return new RegExp(`^MD5-of-\\d+MD5-of-${CHUNK_BYTES}CRC32C$`).test(algorithm) ? bytes.slice(24, 56).toLowerCase() : undefined;
}
