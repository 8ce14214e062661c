import type { EncodedRows } from "./encoded-rows.js";

/** Rows that become one batch. */
export class OpenBatch {
  #bytes = Buffer.alloc(0);
  #ends: number[] = [];
  /** About what a batch takes: memory that is asked for twice is collected twice. */
  #expected = 16 * 1_024;

  get rows(): number {
    return this.#ends.length;
  }

  get length(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Copies a row's bytes. */
  append(row: Buffer): void {
    const start = this.length;
    const end = start + row.length;
    if (end > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#bytes.length, this.#expected));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    this.#bytes.set(row, start);
    this.#ends.push(end);
  }

  /** The rows so far; the batch is empty then. */
  take(query: string, columns: number): EncodedRows {
    const taken = { query, columns, bytes: this.#bytes.subarray(0, this.length), ends: this.#ends };
    this.#expected = Math.ceil(1.1 * this.length);
    this.#bytes = Buffer.alloc(0);
    this.#ends = [];
    return taken;
  }
}
