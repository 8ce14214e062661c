/** Builds the bytes of a small request in Kafka's protocol. */
export class WireWriter {
  readonly #parts: Buffer[] = [];

  int8(value: number): this {
    return this.#part(1, (bytes) => bytes.writeInt8(value));
  }

  int16(value: number): this {
    return this.#part(2, (bytes) => bytes.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#part(4, (bytes) => bytes.writeInt32BE(value));
  }

  int64(value: number): this {
    return this.#part(8, (bytes) => bytes.writeBigInt64BE(BigInt(value)));
  }

  unsigned(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    bytes.push(rest);
    return this.raw(Buffer.from(bytes));
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  compactString(value: string | null): this {
    if (value === null) return this.unsigned(0);
    const bytes = Buffer.from(value);
    return this.unsigned(bytes.length + 1).raw(bytes);
  }

  compactArray<T>(items: readonly T[], item: (value: T) => void): this {
    this.unsigned(items.length + 1);
    for (const value of items) item(value);
    return this;
  }

  /** No tagged fields. */
  noTags(): this {
    return this.unsigned(0);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #part(length: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.allocUnsafe(length);
    write(bytes);
    return this.raw(bytes);
  }
}
