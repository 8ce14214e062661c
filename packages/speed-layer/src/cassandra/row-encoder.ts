/**
 * Values of CQL types, each behind its length, as they go over the wire: `[int32 length][bytes]`, length -2 for what is left
 * unset. Written one after the other into memory that is used again.
 */
export class RowEncoder {
  #bytes = Buffer.allocUnsafeSlow(1_024);
  #view = viewOf(this.#bytes);
  /** Bytes written since the start or {@link RowEncoder.clear}. */
  length = 0;

  /** What `write` writes. */
  static encode(write: (row: RowEncoder) => void): Buffer {
    const row = new RowEncoder();
    write(row);
    return row.bytes();
  }

  clear(): void {
    this.length = 0;
  }

  /** What was written from `start` on: the memory itself, valid until the next write. */
  bytes(start = 0): Buffer {
    return this.#bytes.subarray(start, this.length);
  }

  /** Bytes as they are: values that were encoded before. */
  encoded(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  unset(): void {
    this.#view.setInt32(this.#take(4), -2);
  }

  int(value: number): void {
    const at = this.#take(8);
    this.#view.setInt32(at, 4);
    this.#view.setInt32(at + 4, value);
  }

  /** `bigint` and `timestamp`. @throws {RangeError} for a number with a fraction. */
  bigint(value: number | bigint): void {
    const at = this.#take(12);
    this.#view.setInt32(at, 8);
    if (typeof value === "number" && Number.isSafeInteger(value)) {
      const high = Math.floor(value / 2 ** 32);
      this.#view.setInt32(at + 4, high);
      this.#view.setUint32(at + 8, value - high * 2 ** 32);
    } else this.#view.setBigInt64(at + 4, BigInt(value));
  }

  double(value: number): void {
    const at = this.#take(12);
    this.#view.setInt32(at, 8);
    this.#view.setFloat64(at + 4, value);
  }

  boolean(value: boolean): void {
    const at = this.#take(5);
    this.#view.setInt32(at, 1);
    this.#bytes[at + 4] = value ? 1 : 0;
  }

  text(value: string): void {
    // Three bytes a UTF-16 unit is the most that UTF-8 takes; what is not used is given back.
    const at = this.#take(4 + 3 * value.length);
    const size = this.#write(value, at + 4);
    this.#view.setInt32(at, size);
    this.length = at + 4 + size;
  }

  blob(value: Uint8Array): void {
    const at = this.#take(4 + value.length);
    this.#view.setInt32(at, value.length);
    this.#bytes.set(value, at + 4);
  }

  #write(value: string, at: number): number {
    // Names are short and ASCII: a call out of JavaScript costs more than to copy them here.
    if (value.length <= 32) {
      let i = 0;
      for (let unit; i < value.length && (unit = value.charCodeAt(i)) < 0x80; i++) this.#bytes[at + i] = unit;
      if (i === value.length) return i;
    }
    return this.#bytes.write(value, at);
  }

  /** Room for `length` bytes more, and where it begins. */
  #take(length: number): number {
    const at = this.length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
    this.length = needed;
    return at;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
