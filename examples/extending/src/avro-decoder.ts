import avro, { type Type } from "avsc";
import { textFromScaled, type RecordDecoder } from "millrace";
import type { SchemaOf } from "./schema-registry.js";

// region decoder
/** The wire format of schema registries: a zero byte, the schema's id (four bytes, big endian), the record in Avro binary. */
const MAGIC = 0;
const HEADER_BYTES = 5;

/**
 * Records in Avro with a schema registry's wire format, each read by the schema it was written with. Schemas are asked for
 * when a batch names them, once each, and a registry that is away is waited for. A record of a schema that does not exist,
 * or that is no such record, is a dead letter.
 */
export function avroDecoder(schemaOf: SchemaOf): RecordDecoder {
  /** A text says why there is no type. That is kept too: what was a dead letter in one layer must be one in the other. */
  const types = new Map<number, Type | string>();
  return {
    async prepare(values, signal) {
      const ids = new Set<number>();
      for (const value of values) if (value[0] === MAGIC && value.length >= HEADER_BYTES && !types.has(idOf(value))) ids.add(idOf(value));
      for (const id of ids) types.set(id, typeOf(id, await schemaOf(id, signal)));
    },
    decode(value) {
      if (value.length < HEADER_BYTES) throw new Error(`the record has ${value.length} bytes, but magic byte and schema id are ${HEADER_BYTES}`);
      if (value[0] !== MAGIC) throw new Error(`the record begins with ${value[0]}, but the magic byte is ${MAGIC}`);
      const type = types.get(idOf(value))!;
      if (typeof type === "string") throw new Error(type);
      try {
        // Refuses both a record that is cut off and one with bytes to spare.
        return type.fromBuffer(Buffer.from(value.buffer, value.byteOffset + HEADER_BYTES, value.length - HEADER_BYTES)) as unknown;
      } catch (cause) {
        throw new Error(`the record is not as schema ${idOf(value)} says: ${(cause as Error).message}`, { cause });
      }
    },
  };
}

const idOf = (value: Uint8Array): number => new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(1);

function typeOf(id: number, schema: string | null): Type | string {
  if (schema === null) return `the registry has no Avro schema ${id}`;
  try {
    return avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { typeHook: exactLong, logicalTypes: { decimal: DecimalType } });
  } catch (cause) {
    return `schema ${id} cannot be used: ${(cause as Error).message}`;
  }
}
// endregion

// region exact
/** A long as a bigint: as a number it would be refused, or rounded, beyond 2^53. */
const EXACT_LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

function exactLong(schema: avro.Schema): Type | undefined {
  return schema === "long" || (typeof schema === "object" && "type" in schema && schema.type === "long") ? EXACT_LONG : undefined;
}

/** A decimal as its digits, which a `decimal` column reads exactly. In Avro it is a two's complement, big endian. */
class DecimalType extends avro.types.LogicalType {
  readonly #scale: number;

  constructor(schema: avro.Schema, options?: object) {
    super(schema, options);
    this.#scale = (schema as { readonly scale?: number }).scale ?? 0;
  }

  protected override _fromValue(bytes: Buffer): string {
    return textFromScaled(bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString("hex")}`)), this.#scale);
  }

  protected override _toValue(value: string): Buffer {
    throw new TypeError(`writing the decimal ${value}: this type only reads`);
  }
}
// endregion
