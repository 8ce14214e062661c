/** Chunks that follow each other, copied into one array. */
export class ChunkBytes {
  #data = Buffer.alloc(0);
  readonly #starts: number[] = [];
  /** Of all of them. */
  bytes = 0;

  get count(): number {
    return this.#starts.length;
  }

  /** May be longer than `bytes`. */
  get data(): Buffer {
    return this.#data;
  }

  /** Copies a chunk; `expected` is how many bytes it and those after it are likely to have. */
  append(chunk: Uint8Array, expected: number): void {
    const needed = this.bytes + chunk.length;
    if (needed > this.#data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes + expected));
      larger.set(this.#data.subarray(0, this.bytes));
      this.#data = larger;
    }
    this.#data.set(chunk, this.bytes);
    this.#starts.push(this.bytes);
    this.bytes = needed;
  }

  /** Where each chunk starts. */
  get starts(): readonly number[] {
    return this.#starts;
  }
}
