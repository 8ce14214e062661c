import type { SegmentTable } from "./segment-table.js";

/** A segment as merged so far. */
export interface CachedSegment {
  readonly table: SegmentTable;
  /** All runs up to this sequence are in the table. */
  mergedThrough: number;
  /** Epoch ms. */
  expiresAt: number;
  bytes: number;
}

/** Merged segments by key, the least recently used dropped first, bounded by an estimate of their bytes. */
export class SegmentCache {
  readonly #maxBytes: number;
  // A Map iterates in the order of insertion: using an entry inserts it again.
  readonly #entries = new Map<string, CachedSegment>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): CachedSegment | undefined {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** Adds an entry, or counts the bytes of one that grew. */
  put(key: string, entry: CachedSegment): void {
    this.delete(key);
    entry.bytes = entry.table.bytes;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  get bytes(): number {
    return this.#bytes;
  }
}
