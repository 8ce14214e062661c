import { createRequire } from "node:module";
import { types } from "cassandra-driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CassandraClient } from "./cassandra-client.js";
import { statementsOf } from "./encoded-rows.js";
import type { EncodedRows } from "./encoded-rows.js";
import { OpenBatch } from "./open-batch.js";
import { RowEncoder } from "./row-encoder.js";
import { sendRows } from "./send-rows.js";

// The driver's own requests, which `sendRows` writes the frames of.
const require = createRequire(import.meta.url);
const { BatchRequest } = require("cassandra-driver/lib/requests.js") as { BatchRequest: new (items: readonly object[], options: object) => Request };
const Encoder = require("cassandra-driver/lib/encoder.js") as new (version: number, options: object) => { encode(value: unknown, type: number): Buffer };

interface Request {
  readonly queries: readonly { readonly query: string; readonly params: readonly unknown[] }[];
  readonly length: number;
  write(encoder: object, streamId: number): Buffer;
  clone(): Request;
}

const encoder = new Encoder(4, { encoding: { useUndefinedAsUnset: true } });
const COLUMN_TYPES = { text: "varchar", bigint: "bigint", int: "int", double: "double", boolean: "boolean", blob: "blob" } as const;
type Kind = keyof typeof COLUMN_TYPES;
const KINDS = Object.keys(COLUMN_TYPES) as Kind[];

const VALUES: Readonly<Record<Kind, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: "grapheme", maxLength: 40 }), fc.string({ unit: "binary", maxLength: 40 })),
  bigint: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger(), fc.integer()),
  int: fc.integer(),
  double: fc.double({ noNaN: true }),
  boolean: fc.boolean(),
  blob: fc.uint8Array({ maxLength: 2_000 }),
};

function write(row: RowEncoder, kind: Kind, value: unknown): void {
  if (value === undefined) row.unset();
  else (row[kind] as (value: unknown) => void).call(row, value);
}

/** What the driver itself makes of a value. */
function drivers(kind: Kind, value: unknown): Buffer {
  const given = typeof value === "bigint" || kind === "bigint" ? types.Long.fromString(String(value)) : kind === "blob" ? Buffer.from(value as Uint8Array) : value;
  return encoder.encode(given, types.dataTypes[COLUMN_TYPES[kind]]);
}

const tables = fc
  .array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 12 })
  .chain((kinds) => fc.record({ kinds: fc.constant(kinds), rows: fc.array(fc.tuple(...kinds.map((kind) => fc.option(VALUES[kind], { nil: undefined }))), { minLength: 1, maxLength: 30 }) }));

function encodedRows(kinds: readonly Kind[], rows: readonly (readonly unknown[])[]): EncodedRows {
  const batch = new OpenBatch();
  const encoded = new RowEncoder();
  for (const row of rows) {
    encoded.clear();
    row.forEach((value, i) => write(encoded, kinds[i]!, value));
    batch.append(encoded.bytes());
  }
  return batch.take("INSERT", kinds.length);
}

/** As `Client.batch` of the driver makes, routes, writes and repeats a request. */
class DriverLike {
  readonly frames: Buffer[] = [];
  readonly lengths: number[] = [];
  readonly routed: unknown[] = [];
  executed = 0;

  constructor(readonly options: object = {}) {}

  async execute(): Promise<void> {
    this.executed++;
  }

  async batch(statements: readonly { query: string; params: readonly unknown[] }[], options: { readonly consistency: number }): Promise<void> {
    const items = statements.map(({ query, params }) => ({ query, params, queryId: Buffer.from("0123456789abcdef"), meta: { columns: params.map(() => ({ type: null })) } }));
    const request = await this._createBatchRequest(items, { ...executionOptions(options.consistency), ...this.options });
    for (const each of [request, request.clone(), request.clone().clone()]) {
      this.frames.push(each.write(encoder, 77));
      this.lengths.push(each.length);
    }
  }

  async _createBatchRequest(items: readonly { params: readonly unknown[] }[], options: object): Promise<Request> {
    this.routed.push(items[0]!.params);
    return new BatchRequest(items, options);
  }
}

const executionOptions = (consistency: number): object => ({
  getOrGenerateTimestamp: () => types.Long.fromNumber(1_234_567),
  getHints: () => undefined,
  isBatchCounter: () => false,
  isBatchLogged: () => false,
  isQueryTracing: () => false,
  getCustomPayload: () => undefined,
  getConsistency: () => consistency,
  getSerialConsistency: () => undefined,
  getKeyspace: () => "millrace",
});
const OPTIONS = { prepare: true, isIdempotent: true, consistency: 6 };

async function framesOf(client: DriverLike, rows: EncodedRows): Promise<readonly Buffer[]> {
  await sendRows(client as unknown as CassandraClient, rows, OPTIONS);
  return client.frames;
}

describe("rows as one batch of the driver", () => {
  it("encodes values as the driver does", () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS).chain((kind) => fc.tuple(fc.constant(kind), VALUES[kind])), ([kind, value]) => {
        const bytes = RowEncoder.encode((row) => write(row, kind, value));
        expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
        expect(bytes.subarray(4)).toEqual(drivers(kind, value));
      }),
      { numRuns: 1_000 },
    );
  });

  it("refuses a number that no int64 is", () => {
    const row = new RowEncoder();
    expect(() => row.bigint(1.5)).toThrow(RangeError);
    expect(() => row.bigint(NaN)).toThrow(RangeError);
  });

  it("gives statements of the same values to clients that are not the driver", () => {
    fc.assert(
      fc.property(tables, ({ kinds, rows }) => {
        expect(statementsOf(encodedRows(kinds, rows)).map(({ params }) => params)).toEqual(rows.map((row) => row.map((value, i) => (value === undefined ? undefined : drivers(kinds[i]!, value)))));
      }),
    );
  });

  it("is the frame that the driver writes of the same statements, byte for byte, also of a repeated request", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ kinds, rows }) => {
        const encoded = encodedRows(kinds, rows);
        const statements = statementsOf(encoded);
        const client = new DriverLike();
        const frames = await framesOf(client, encoded);
        if (rows.length === 1) return void expect([client.executed, frames.length]).toEqual([1, 0]);
        const plain = new DriverLike();
        await plain.batch(statements, OPTIONS);
        expect(frames).toEqual(plain.frames);
        expect(client.lengths).toEqual(plain.lengths);
        expect(client.routed).toEqual(plain.routed);
      }),
      { numRuns: 300 },
    );
  });

  it("leaves to the driver what it does not know the layout of", async () => {
    const encoded = encodedRows(["text", "bigint"], [["a", 1], ["b", 2], ["c", undefined]]);
    const payload = { getCustomPayload: () => ({ of: Buffer.from("the caller's") }) };
    const plain = new DriverLike(payload);
    await plain.batch(statementsOf(encoded), OPTIONS);
    expect(await framesOf(new DriverLike(payload), encoded)).toEqual(plain.frames);
  });
});
