/** A byte buffer that doubles: appended to, taken, and used again. */
export class GrowingBytes {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity = 4_096) {
    this.#bytes = new Uint8Array(capacity);
  }

  append(source: Uint8Array, from = 0, until = source.length): void {
    const needed = this.length + until - from;
    if (needed > this.#bytes.length) this.#grow(needed);
    // For short runs a loop is faster than the two objects that subarray and set make.
    if (until - from < 32) {
      const target = this.#bytes;
      for (let i = from, at = this.length; i < until; i++, at++) target[at] = source[i]!;
    } else {
      this.#bytes.set(source.subarray(from, until), this.length);
    }
    this.length = needed;
  }

  /** What was appended; valid until the next append. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.length));
    this.#bytes = bytes;
  }
}
