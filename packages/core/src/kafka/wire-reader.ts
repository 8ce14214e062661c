/** Walks bytes of Kafka's protocol: big-endian integers, and the compact forms of its flexible versions. */
export class WireReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  int8(): number {
    return this.bytes.readInt8(this.at++);
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  /** Exact up to 2^53: offsets and times are far below. */
  int64(): number {
    this.at += 8;
    return int64At(this.bytes, this.at - 8);
  }

  /** An unsigned varint: seven bits a byte, the lowest first. */
  unsigned(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  }

  uuid(): Buffer {
    this.at += 16;
    return this.bytes.subarray(this.at - 16, this.at);
  }

  /** Null has length 0 on the wire, the empty text 1. */
  compactString(): string | null {
    const length = this.unsigned() - 1;
    if (length < 0) return null;
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }

  compactArray<T>(item: () => T): T[] {
    const count = this.unsigned() - 1;
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item());
    return items;
  }

  /** Tagged fields; `known` is told of each, and what it does not read is skipped. */
  tags(known?: (tag: number) => void): void {
    for (let count = this.unsigned(); count > 0; count--) {
      const tag = this.unsigned();
      const length = this.unsigned();
      const end = this.at + length;
      known?.(tag);
      this.at = end;
    }
  }
}

/** A signed 64-bit integer, exact up to 2^53. */
export function int64At(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
