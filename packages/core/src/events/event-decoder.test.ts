import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rawBatchOf, type LogRecord } from "../log/raw-batch-of.js";
import { sliceRawBatch } from "../log/raw-batch.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import type { StreamDefinition } from "../streams/stream-definition.js";
import type { StreamPlan } from "../streams/stream-plan.js";
import { hllCoordinateOf, hllCoordinateOfInteger } from "../measures/hyper-log-log.js";
import { ddCoordinate } from "../measures/dd-sketch.js";
import { ColumnStore } from "./column-store.js";
import type { ColumnVector } from "./column-vector.js";
import type { ColumnBatch } from "./event-batch.js";
import { expectedOutcome, type Outcome } from "./decode-oracle.js";
import { createEventDecoder } from "./event-decoder.js";
import { JsonRecordScanner } from "./json-record-scanner.js";

const PARTITION = { topic: "plays", logVersion: 1_024, partition: 3 };
const NOW = Date.UTC(2024, 1, 29, 12);

type Column = Omit<ColumnDefinition, "source" | "optional"> & Partial<Pick<ColumnDefinition, "source" | "optional">> & { readonly at?: string };

function planOf(columns: Record<string, Column>, options: Partial<StreamDefinition> & { coordinates?: StreamPlan["coordinates"] } = {}): StreamPlan {
  const { coordinates = [], ...stream } = options;
  const resolved = Object.entries(columns).map(([name, { at, ...column }]) => [
    name,
    { optional: false, source: { in: "value", path: (at ?? name).split(".") }, ...column },
  ]);
  return {
    stream: {
      topic: PARTITION.topic,
      columns: Object.fromEntries(resolved) as StreamDefinition["columns"],
      eventTime: "ts",
      latenessMs: 60_000,
      maxPastMs: null,
      maxFutureMs: 86_400_000,
      maxTextBytes: 8_192,
      maxRecordBytes: 4 * 1024 * 1024,
      decoderVersion: 1,
      ...stream,
    },
    coordinates,
  };
}

function rawOf(values: readonly (string | Uint8Array | null)[], more: Partial<LogRecord> = {}) {
  return rawBatchOf(
    PARTITION,
    values.map((value, i) => ({ offset: 100 + i, appendedAt: NOW, value: typeof value === "string" ? Buffer.from(value) : value, ...more })),
  );
}

/** The inside value of a row: bigint for exact integers, epoch ms for instants. */
function insideAt(vector: ColumnVector, row: number): unknown {
  if (vector.kind === "text") return vector.codes[row]! < 0 ? null : vector.dictionary.text(vector.codes[row]!);
  if (vector.nulls?.[row] === 1) return null;
  if (vector.kind === "boolean") return vector.values[row] === 1;
  return vector.kind === "int64" || vector.kind === "decimal" ? BigInt(vector.values[row]!) : vector.values[row];
}

/** The outcome of every record of a batch, checked for being complete. */
function outcomes(batch: ColumnBatch): Outcome[] {
  const { raw } = batch;
  const found = new Array<Outcome | undefined>(raw.length).fill(undefined);
  for (let row = 0; row < batch.length; row++) {
    const index = batch.rawIndex[row]!;
    expect(found[index]).toBeUndefined();
    expect([batch.offsets[row], batch.appendedAt[row]]).toEqual([raw.offsets[index], raw.appendedAt[index]]);
    found[index] = { row: Object.fromEntries(Object.entries(batch.columns).map(([name, vector]) => [name, insideAt(vector, row)])) };
  }
  for (const { offset, reason, column, detail } of batch.deadLetters) {
    const index = raw.offsets.indexOf(offset);
    expect(found[index]).toBeUndefined();
    expect(detail).not.toBe("");
    found[index] = { reason, ...(column === undefined ? {} : { column }) };
  }
  expect(batch.records).toBe(batch.length + batch.deadLetters.length);
  return found as Outcome[];
}

const EVERYTHING = planOf(
  {
    ts: { kind: "timestamp", unit: "ms" },
    song: { kind: "text", optional: true },
    artist: { kind: "text" },
    id: { kind: "int64", as: "number", at: "user.id", optional: true },
    name: { kind: "text", at: "user.name", optional: true },
    user: { kind: "boolean", at: "user.deep.flag", optional: true },
    big: { kind: "int64", as: "bigint", optional: true },
    price: { kind: "decimal", as: "number", scale: 2, optional: true },
    exact: { kind: "decimal", as: "string", scale: 5, at: "price", optional: true },
    x: { kind: "float64", optional: true },
    seconds: { kind: "timestamp", unit: "s", optional: true },
    micros: { kind: "timestamp", unit: "us", optional: true },
    iso: { kind: "timestamp", unit: "iso", optional: true },
    "": { kind: "text", at: "", optional: true },
    umlaut: { kind: "text", at: "größe", optional: true },
    brokerTime: { kind: "timestamp", source: { in: "appendedAt" } },
  },
  { maxTextBytes: 24, maxPastMs: 10 * 365 * 86_400_000 },
);

// Arbitraries of JSON texts, not of values: the same value has many texts, and the scanner reads texts.
const space = fc.oneof({ weight: 8, arbitrary: fc.constant("") }, fc.stringMatching(/^[ \t\r\n]{1,3}$/));
const unit = fc.oneof(
  { weight: 10, arbitrary: fc.stringMatching(/^[ -!#-[\]-~]{1,6}$/) },
  fc.constantFrom('\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\\ud800", "\\udc00x", "\\ud800\\ud800", "\\u0000"),
  fc.constantFrom("é", "€", "日本語", "😀", "\u007f", "\u2028", "\ufeff", "\ufffd", "{", "}", "[", ",", ":"),
);
const string = fc.array(unit, { maxLength: 6 }).map((units) => `"${units.join("")}"`);
const digits = (least: number, most: number) => fc.stringMatching(new RegExp(`^[0-9]{${least},${most}}$`));
const numberText = fc.oneof(
  fc.integer({ min: -100_000, max: 100_000 }).map(String),
  fc.integer({ min: NOW - 1e9, max: NOW + 1e8 }).map(String),
  fc.tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 0n, max: 2n ** 66n }), fc.constantFrom("", ".0", ".5", ".25", ".00000", ".123456"), fc.constantFrom("", "e0", "E+2", "e-3", "e300", "e-9", "e99999999999")).map((parts) => parts.join("")),
  fc.tuple(fc.constantFrom("0", "-0", "12", "-7", "9007199254740991", "9007199254740992", "9223372036854775807", "-9223372036854775808", "9223372036854775808"), fc.oneof(fc.constant(""), digits(1, 20).map((text) => `.${text}`)), fc.constantFrom("", "e1", "e-1", "E2")).map((parts) => parts.join("")),
);
const isoText = fc.oneof(
  fc.date({ min: new Date(0), max: new Date(NOW), noInvalidDate: true }).map((date) => `"${date.toISOString()}"`),
  fc.constantFrom('"2024-02-29T23:59:59Z"', '"2023-02-29T00:00:00Z"', '"2024-01-01T00:00:00.123456+05:30"', '"2024-01-01T24:00:00Z"', '"2024-01-01 00:00:00Z"', '"2024-01-01T00:00:00"', '"2024-01-01T00:00:00-23:59"', '"2024-12-31T23:59:60Z"', '"2024-01-01T00:00:00.Z"'),
);
const anyValue: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    string,
    numberText,
    fc.constantFrom("true", "false", "null"),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
    fc.array(fc.tuple(string, space, tie("value")), { maxLength: 3 }).map((items) => `{${items.map(([name, gap, value]) => `${name}${gap}:${gap}${value}`).join(",")}}`),
  ),
})).value;
const half = (usual: fc.Arbitrary<string>) => fc.oneof({ weight: 7, arbitrary: usual }, anyValue);
const eventTime = fc.integer({ min: NOW - 1e9, max: NOW + 9e7 }).map(String);
const user = fc.array(fc.oneof(fc.tuple(fc.constantFrom('"id"', '"i\\u0064"'), half(numberText)), fc.tuple(fc.constant('"name"'), half(string)), fc.tuple(fc.constant('"deep"'), half(fc.constantFrom('{"flag":true}', '{"flag":false,"flag":null}', "{}", "{ }"))), fc.tuple(string, anyValue)), { maxLength: 4 }).map((fields) => `{${fields.map((field) => field.join(":")).join(", ")}}`);
const field = fc.oneof(
  fc.tuple(fc.constant('"ts"'), half(eventTime)),
  fc.tuple(fc.constant('"artist"'), half(string)),
  fc.tuple(fc.constantFrom('"song"', '"s\\u006fng"', '"\\u0073ong"'), half(string)),
  fc.tuple(fc.constant('"user"'), half(user)),
  fc.tuple(fc.constant('"big"'), half(numberText)),
  fc.tuple(fc.constant('"price"'), half(numberText)),
  fc.tuple(fc.constant('"x"'), half(numberText)),
  fc.tuple(fc.constantFrom('"seconds"', '"micros"'), half(numberText)),
  fc.tuple(fc.constant('"iso"'), half(isoText)),
  fc.tuple(fc.constantFrom('""', '"größe"', '"gr\\u00f6ße"'), half(string)),
  fc.tuple(fc.oneof(string, fc.constantFrom('"tss"', '"Ts"', '"a-name-of-more-than-sixteen-bytes"', '"__proto__"', '"toString"')), anyValue),
);
const record = fc
  .tuple(eventTime, string, fc.array(field, { maxLength: 8 }), space, fc.boolean(), fc.boolean())
  .map(([ts, artist, fields, gap, inFront, complete]) => {
    const needed = [...(complete ? [['"ts"', ts] as const] : []), ['"artist"', artist] as const];
    const all = inFront ? [...needed, ...fields] : [...fields, ...needed];
    return `${gap}{${gap}${all.map(([name, value]) => `${name}${gap}:${gap}${value}${gap}`).join(`,${gap}`)}}${gap}`;
  });
const mutation = fc.tuple(fc.constantFrom("none", "none", "cut", "replace", "insert", "remove", "append", "invalid"), fc.nat(), fc.constantFrom(...Buffer.from('{}[]",:\\u0e+-.9\n\0\x1ft '), 0x80, 0xc0, 0xed, 0xf5, 0xff));

function mutate(text: string, [kind, place, byte]: [string, number, number]): Uint8Array {
  const bytes = Buffer.from(text);
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  switch (kind) {
    case "cut":
      return bytes.subarray(0, at);
    case "replace":
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + 1)]);
    case "insert":
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)]);
    case "remove":
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case "append":
      return Buffer.concat([bytes, Buffer.of(byte)]);
    case "invalid":
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(0xe2, 0x82), bytes.subarray(at)]);
    default:
      return bytes;
  }
}

describe("decoding JSON", () => {
  it("equals JSON.parse on any record, valid or mutated, whatever lies beside it in the buffer", () => {
    let rows = 0;
    let dead = 0;
    const decoder = createEventDecoder(EVERYTHING, { maxDictionaryEntries: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(record, mutation), { minLength: 1, maxLength: 6 }), fc.nat(6), (corpus, cut) => {
        const values = corpus.map(([text, how]) => mutate(text, how));
        const raw = rawOf(values);
        const at = Math.min(cut, raw.length);
        const found = [sliceRawBatch(raw, 0, at), sliceRawBatch(raw, at, raw.length)].flatMap((part) => outcomes(decoder.decode(part)));
        const expected = values.map((value) => expectedOutcome(EVERYTHING, value, NOW));
        for (const outcome of expected) "row" in outcome ? rows++ : dead++;
        expect(found).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
    // The property means little if one of the two hardly happens.
    expect(Math.min(rows, dead)).toBeGreaterThan(500);
  });

  it("equals JSON.parse at every truncation and for every byte at every place of a record", () => {
    const text = '{"ts":1709208000000,"user":{"id":-12,"deep":{"flag":true}},"artist":"A\\n\\ud83d\\ude00é","x":1.5e3,"price":0.25,"skip":[{"a":[]},null]}';
    const bytes = Buffer.from(text);
    const values: Uint8Array[] = [];
    for (let at = 0; at <= bytes.length; at++) values.push(bytes.subarray(0, at));
    for (let at = 0; at < bytes.length; at++) {
      for (let byte = at % 5; byte < 256; byte += 5) values.push(Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + 1)]));
    }
    const found = outcomes(createEventDecoder(EVERYTHING).decode(rawOf(values)));
    const wrong = found.findIndex((outcome, i) => !isEqual(outcome, expectedOutcome(EVERYTHING, values[i]!, NOW)));
    expect(wrong < 0 ? "" : Buffer.from(values[wrong]!).toString("latin1")).toBe("");
  });

  it("reads nesting of any depth, without a stack", () => {
    const deep = (open: string, close: string) => `{"ts":${NOW},"artist":"a","skip":${open.repeat(100_000)}1${close.repeat(100_000)}}`;
    const batch = createEventDecoder(EVERYTHING).decode(rawOf([deep("[", "]"), deep('{"a":', "}"), deep("[", "}"), `{"a":${"[".repeat(100_000)}`]));
    expect(batch.length).toBe(2);
    expect(batch.deadLetters.map(({ reason }) => reason)).toEqual(["undecodable", "undecodable"]);
  });

  it.each(['{"a":[', '{"a":{"', '{"a":   ', '{"a":"xx', '{"a":11', "{   ", '{"user":{"id":'])("stops at the end of a record that ends too early, as in many of %s", (value) => {
    // Each goes on into all that follow it, for a reader that does not stop: 10^11 steps, far beyond the time allowed.
    const raw = rawOf(new Array<string>(200_000).fill(value));
    const store = new ColumnStore(EVERYTHING, 100, 100);
    const scanner = new JsonRecordScanner(store);
    store.beginBatch(1);
    scanner.use(raw.data);
    for (let i = 0; i < raw.length; i++) {
      store.beginRecord();
      if (scanner.scan(raw.valueStart[i]!, raw.valueEnd[i]!, 0)) throw new Error(`record ${i} is accepted`);
    }
  });

  it("finds names in any order, of any number, and after the writer of the records has changed", () => {
    const plan = planOf({ ts: { kind: "timestamp", unit: "ms" }, a: { kind: "int64", as: "number", at: "o.a", optional: true }, z: { kind: "text", optional: true } });
    const filler = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `"${prefix}${i}": {"a":${i}}`).join(",");
    const shapes = [
      (n: number) => `{"ts":${NOW},"o":{"b":1,"a":${n}},"z":"z${n}"}`,
      (n: number) => `{"z":"z${n}","o":{"a":${n},"b":1},${filler(5, "x")},"ts":${NOW}}`,
      (n: number) => `{${filler(300, "more than sixteen bytes ")},"ts" : ${NOW},"z": "z${n}", "o":{"a":${n}}}`,
      (n: number) => `{${filler(300, "k")},"o":{"a":${n}},"ts":${NOW},"z":"z${n}"}`,
    ];
    const values = Array.from({ length: 1_200 }, (_, n) => shapes[n < 800 ? Math.floor(n / 200) : n % 4]!(n));
    const batch = createEventDecoder(plan).decode(rawOf(values));
    expect([...batch.rows]).toEqual(values.map((_, n) => ({ ts: new Date(NOW), a: n, z: `z${n}` })));
  });

  const exact = planOf({
    ts: { kind: "timestamp", unit: "ms" },
    n: { kind: "int64", as: "number", optional: true },
    big: { kind: "int64", as: "bigint", optional: true },
    d: { kind: "decimal", as: "number", scale: 5, optional: true },
    s: { kind: "decimal", as: "string", scale: 2, optional: true },
    x: { kind: "float64", optional: true },
  });
  const one = (plan: StreamPlan, fields: string, more: Partial<LogRecord> = {}) => {
    const batch = createEventDecoder<Record<string, unknown>>(plan).decode(rawOf([`{"ts":${NOW}${fields === "" ? "" : `,${fields}`}}`], more));
    const [dead] = batch.deadLetters;
    return dead === undefined ? [...batch.rows][0]! : `${dead.reason} ${dead.detail}`;
  };

  it.each([
    ['"n":9007199254740991', { n: 9007199254740991 }],
    ['"n":-9007199254740991', { n: -9007199254740991 }],
    ['"n":5.000', { n: 5 }],
    ['"n":12e2', { n: 1200 }],
    ['"n":-0', { n: 0 }],
    ['"big":9223372036854775807', { big: 9223372036854775807n }],
    ['"big":-9223372036854775808', { big: -9223372036854775808n }],
    ['"d":217.12345', { d: 217.12345 }],
    ['"d":2171234500000e-10', { d: 217.12345 }],
    ['"s":92233720368547758.07', { s: "92233720368547758.07" }],
    ['"s":-0.05', { s: "-0.05" }],
    ['"x":1.7976931348623157e308', { x: 1.7976931348623157e308 }],
    ['"x":123456789012345678901234567890', { x: 123456789012345678901234567890 }],
    ['"x":0.1', { x: 0.1 }],
    ['"x":5e-324', { x: 5e-324 }],
    ['"n":1,"n":2', { n: 2 }],
    ['"n":"wrong","n":2', { n: 2 }],
    ['"n":2,"n":null', { n: null }],
    ['"n":null,"n":3', { n: 3 }],
  ])("reads %s exactly", (fields, expected) => {
    expect(one(exact, fields)).toEqual({ ts: new Date(NOW), n: null, big: null, d: null, s: null, x: null, ...expected });
  });

  it.each([
    ['"n":9007199254740992', 'out-of-range column "n" is 9007199254740992, beyond what int64 holds exactly as a number'],
    ['"n":1e400000000', 'out-of-range column "n" is 1e400000000, beyond what int64 holds exactly as a number'],
    ['"n":1.5', 'wrong-type column "n" is 1.5, but a whole number is expected'],
    ['"n":"1"', 'wrong-type column "n" is text, but a whole number is expected'],
    ['"big":9223372036854775808', 'out-of-range column "big" is 9223372036854775808, beyond int64'],
    ['"d":0.000001', 'out-of-range column "d" is 0.000001, which has more than 5 digits after the point'],
    ['"d":90071992547.40992', 'out-of-range column "d" is 90071992547.40992, beyond what decimal(5) holds exactly as a number'],
    ['"s":92233720368547758.08', 'out-of-range column "s" is 92233720368547758.08, beyond decimal(2)'],
    ['"x":1e309', 'out-of-range column "x" is 1e309, beyond the range of a double'],
    ['"x":true', 'wrong-type column "x" is true, but a number is expected'],
    ['"ts":null', 'missing column "ts" is null, but required'],
    ['"ts":8640000000000001', 'out-of-range column "ts" is 8640000000000001, beyond the range of a date'],
    ['"ts":"now"', 'wrong-type column "ts" is text, but a number of milliseconds since 1970 is expected'],
  ])("makes a dead letter of %s", (fields, expected) => {
    expect(one(exact, fields)).toBe(expected);
  });

  it("keeps a dead letter with its coordinates and raw bytes", () => {
    const raw = rawOf(['{"ts":1', `{"ts":${NOW}}`, null, "[]", "null", "\ufeff{}"], { key: Buffer.from("k") });
    const batch = createEventDecoder(exact).decode(raw);
    expect([...batch.offsets]).toEqual([101]);
    expect(batch.deadLetters).toEqual([
      { ...PARTITION, offset: 100, appendedAt: NOW, reason: "undecodable", detail: expect.stringMatching(/^the record is not JSON: \S/) as string, key: Buffer.from("k"), value: new Uint8Array(Buffer.from('{"ts":1')) },
      { ...PARTITION, offset: 102, appendedAt: NOW, reason: "null-value", detail: "the record has no value", key: Buffer.from("k"), value: null },
      { ...PARTITION, offset: 103, appendedAt: NOW, reason: "wrong-type", detail: "the record is an array, but an object is expected", key: Buffer.from("k"), value: new Uint8Array(Buffer.from("[]")) },
      { ...PARTITION, offset: 104, appendedAt: NOW, reason: "wrong-type", detail: "the record is null, but an object is expected", key: Buffer.from("k"), value: new Uint8Array(Buffer.from("null")) },
      { ...PARTITION, offset: 105, appendedAt: NOW, reason: "undecodable", detail: expect.stringContaining("not JSON") as string, key: Buffer.from("k"), value: new Uint8Array(Buffer.from("\ufeff{}")) },
    ].map((letter) => ({ ...letter, key: new Uint8Array(letter.key) })));
  });

  it("bounds event time, texts and records, with the bound itself allowed", () => {
    const plan = planOf({ ts: { kind: "timestamp", unit: "ms" }, song: { kind: "text", optional: true }, note: { kind: "text", optional: true } }, { maxPastMs: 1_000, maxFutureMs: 2_000, maxTextBytes: 4, maxRecordBytes: 60 });
    const batch = createEventDecoder(plan).decode(rawOf([
      `{"ts":${NOW - 1_000}}`, `{"ts":${NOW - 1_001}}`, `{"ts":${NOW + 2_000}}`, `{"ts":${NOW + 2_001}}`,
      `{"ts":${NOW},"song":"éé"}`, `{"ts":${NOW},"song":"ééa"}`, `{"ts":${NOW},"song":"\\u00e9\\u00e9"}`, `{"ts":${NOW},"note":"éé"}`,
      `{"ts":${NOW}}`.padEnd(60), `{"ts":${NOW}}`.padEnd(61),
    ]));
    expect([...batch.rawIndex]).toEqual([0, 2, 4, 6, 7, 8]);
    expect(batch.deadLetters.map(({ offset, reason, column }) => [offset, reason, column])).toEqual([
      [101, "event-time-out-of-bounds", "ts"],
      [103, "event-time-out-of-bounds", "ts"],
      [105, "too-long", "song"],
      [109, "too-large", undefined],
    ]);
  });

  it("marks events late by more than the lateness", () => {
    const batch = createEventDecoder(exact).decode(rawOf([NOW - 60_000, NOW - 60_001, NOW].map((ts) => `{"ts":${ts}}`)));
    expect([...batch.late]).toEqual([0, 1, 0]);
  });
});

describe("decoding beside JSON", () => {
  it("reads keys, headers and the broker's time", () => {
    const plan = planOf({
      ts: { kind: "timestamp", source: { in: "appendedAt" } },
      id: { kind: "int64", as: "number", source: { in: "key" }, optional: true },
      id2: { kind: "text", source: { in: "key" }, optional: true },
      at: { kind: "timestamp", unit: "iso", source: { in: "header", name: "at" }, optional: true },
      flag: { kind: "boolean", source: { in: "header", name: "flag" } },
    });
    const text = (value: string) => new Uint8Array(Buffer.from(value));
    const raw = rawBatchOf(PARTITION, [
      { offset: 7, appendedAt: NOW, key: text("42"), value: text("{}"), headers: { flag: text("true"), at: text("2024-02-29T12:00:00Z") } },
      { offset: 8, appendedAt: NOW + 1, value: text("{}"), headers: { flag: text("false") } },
      { offset: 9, appendedAt: NOW, key: text("042"), value: text("{}"), headers: { flag: text("true") } },
      { offset: 10, appendedAt: NOW, key: text("4"), value: text("{}"), headers: { flag: text("True") } },
      { offset: 11, appendedAt: NOW, key: text("4"), value: text("{}") },
      { offset: 12, appendedAt: NOW, key: Uint8Array.of(0xff), value: text("{}"), headers: { flag: text("true") } },
    ]);
    const batch = createEventDecoder(plan).decode(raw);
    expect([...batch.rows]).toEqual([
      { ts: new Date(NOW), id: 42, id2: "42", at: new Date(NOW), flag: true },
      { ts: new Date(NOW + 1), id: null, id2: null, at: null, flag: false },
    ]);
    expect(batch.deadLetters.map(({ offset, reason, column, detail }) => [offset, reason, column, detail])).toEqual([
      [9, "wrong-type", "id", 'column "id" is "042", but a whole number is expected'],
      [10, "wrong-type", "flag", 'column "flag" is "True", but true or false is expected'],
      [11, "missing", "flag", 'column "flag" is missing'],
      [12, "wrong-type", "id", 'column "id" is "\ufffd", but a whole number is expected'],
    ]);
  });

  it("takes objects of the stream's own decoder, with the same checks", () => {
    const records: unknown[] = [
      { ts: new Date(NOW), user: { id: 2n ** 60n }, price: "12.34", song: "\ud800" },
      { ts: NOW, user: null, price: 0.1 },
      { ts: BigInt(NOW) },
      { ts: NOW, price: "1.234" },
      { ts: NOW, price: "abc" },
      { ts: NOW, user: 5 },
      { ts: NaN },
      { ts: new Date(NaN) },
      { user: {} },
      null,
      [],
    ];
    const plan = planOf(
      { ts: { kind: "timestamp", unit: "ms" }, id: { kind: "int64", as: "bigint", at: "user.id", optional: true }, price: { kind: "decimal", as: "string", scale: 2, optional: true }, song: { kind: "text", optional: true } },
      {
        decode: (value) => {
          if (value[0] === 255) throw new Error("no such\nversion");
          return records[value[0]!];
        },
      },
    );
    const batch = createEventDecoder(plan).decode(rawOf([...records.keys(), 255].map((i) => Uint8Array.of(i))));
    expect([...batch.rows]).toEqual([
      { ts: new Date(NOW), id: 2n ** 60n, price: "12.34", song: "\ufffd" },
      { ts: new Date(NOW), id: null, price: "0.10", song: null },
      { ts: new Date(NOW), id: null, price: null, song: null },
    ]);
    expect(batch.deadLetters.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      'out-of-range: column "price" is 1.234, which has more than 2 digits after the point',
      'wrong-type: column "price" is "abc", but a number with at most 2 digits after the point is expected',
      'wrong-type: column "id" lies in an object, but 5 is there',
      'wrong-type: column "ts" is NaN, but a number of milliseconds since 1970 is expected',
      'wrong-type: column "ts" is an invalid date, but a number of milliseconds since 1970 is expected',
      'missing: column "ts" is missing',
      "wrong-type: the record is null, but an object is expected",
      "wrong-type: the record is an array, but an object is expected",
      "undecodable: decoding failed: no such version",
    ]);
  });

  it("computes coordinates once, equal to those of the values", () => {
    const plan = planOf(
      { ts: { kind: "timestamp", unit: "ms" }, song: { kind: "text", optional: true }, id: { kind: "int64", as: "number", optional: true }, price: { kind: "decimal", as: "string", scale: 2, optional: true }, flag: { kind: "boolean", optional: true } },
      { coordinates: [{ kind: "dd", column: "price" }, { kind: "hll12", column: "flag" }, { kind: "hll12", column: "id" }, { kind: "hll12", column: "price" }, { kind: "hll12", column: "song" }, { kind: "hll12", column: "ts" }] },
    );
    const batch = createEventDecoder(plan).decode(
      rawOf([`{"ts":${NOW},"song":"é","id":65537,"price":1.5,"flag":true}`, `{"ts":${NOW}}`, `{"ts":${NOW},"song":"é","id":1,"price":-92233720368547758.08,"flag":false}`]),
    );
    expect(Object.fromEntries(Object.entries(batch.coordinates).map(([name, values]) => [name, [...values]]))).toEqual({
      _dd_price: [ddCoordinate(150), -1, ddCoordinate(-(2 ** 63))],
      _hll12_flag: [hllCoordinateOf(true), -1, hllCoordinateOf(false)],
      _hll12_id: [hllCoordinateOfInteger(65_537), -1, hllCoordinateOfInteger(1)],
      _hll12_price: [hllCoordinateOfInteger(150), -1, hllCoordinateOfInteger(-(2n ** 63n))],
      _hll12_song: [hllCoordinateOf("é"), -1, hllCoordinateOf("é")],
      _hll12_ts: new Array(3).fill(hllCoordinateOfInteger(NOW)),
    });
  });

  it("starts a new dictionary at a batch boundary, and leaves old batches as they are", () => {
    const plan = planOf({ ts: { kind: "timestamp", unit: "ms" }, song: { kind: "text" } });
    const decoder = createEventDecoder<{ song: string }>(plan, { maxDictionaryEntries: 2 });
    const batches = [["a", "b", "c"], ["a"], ["b"]].map((songs) => decoder.decode(rawOf(songs.map((song) => `{"ts":${NOW},"song":"${song}"}`))));
    const dictionaries = batches.map(({ columns }) => (columns["song"] as Extract<ColumnVector, { kind: "text" }>).dictionary);
    expect(dictionaries[0]).not.toBe(dictionaries[1]);
    expect(dictionaries[1]).toBe(dictionaries[2]);
    expect(batches.map(({ rows }) => [...rows].map(({ song }) => song))).toEqual([["a", "b", "c"], ["a"], ["b"]]);
  });

  it("cleans texts, and makes dead letters of those that cannot be", () => {
    const clean = (text: string): string => {
      if (text === "bad") throw new Error("no such song");
      if (text === "long") return "x".repeat(20);
      return text === "none" ? (undefined as never) : text.trim().toLowerCase();
    };
    const called: string[] = [];
    const cleaned = { name: "test", clean: (text: string) => (called.push(text), clean(text)) };
    const plan = planOf(
      { ts: { kind: "timestamp", unit: "ms" }, song: { kind: "text", optional: true, cleaned }, title: { kind: "text", at: "song", optional: true }, key: { kind: "text", source: { in: "key" }, cleaned, optional: true } },
      { maxTextBytes: 10, coordinates: [{ kind: "hll12", column: "song" }] },
    );
    const decoder = createEventDecoder<object>(plan, { maxDictionaryEntries: 5 });
    const records = ['" A "', '"a"', "null", '"bad"', '"long"', '" A "', '"none"', "7"].map((song) => `{"ts":${NOW},"song":${song}}`);
    const batch = decoder.decode(rawOf([...records, `{"ts":${NOW}}`, `{"ts":${NOW},"song":"Q"}`], { key: Buffer.from("K ") }));
    expect([...batch.rows]).toEqual([
      { ts: new Date(NOW), song: "a", title: " A ", key: "k" },
      { ts: new Date(NOW), song: "a", title: "a", key: "k" },
      { ts: new Date(NOW), song: null, title: null, key: "k" },
      { ts: new Date(NOW), song: "a", title: " A ", key: "k" },
      { ts: new Date(NOW), song: null, title: null, key: "k" },
      { ts: new Date(NOW), song: "q", title: "Q", key: "k" },
    ]);
    expect(batch.deadLetters.map(({ reason, column, detail }) => [reason, column, detail])).toEqual([
      ["undecodable", "song", 'column "song" is "bad", which cannot be cleaned: no such song'],
      ["undecodable", "song", 'column "song" is "long", which has 20 bytes when it is cleaned, but a text has at most 10'],
      ["undecodable", "song", 'column "song" is "none", which becomes undefined, no text, when it is cleaned'],
      ["wrong-type", "song", 'column "song" is a number, but text is expected'],
    ]);
    expect([...batch.coordinates["_hll12_song"]!]).toEqual(["a", "a", null, "a", null, "q"].map((song) => (song === null ? -1 : hllCoordinateOf(song))));
    // Once a distinct text, as long as the dictionary is the same.
    expect(called.filter((text) => text === " A ")).toEqual([" A "]);
    expect([...decoder.decode(rawOf([`{"ts":${NOW},"song":" A "}`])).rows]).toEqual([{ ts: new Date(NOW), song: "a", title: " A ", key: null }]);
    expect(called.filter((text) => text === " A ")).toEqual([" A ", " A "]);
  });

  it("gives an empty batch for one that moves only the position", () => {
    const batch = createEventDecoder(EVERYTHING).decode(rawBatchOf(PARTITION, [], { position: 50 }));
    expect([batch.length, batch.records, batch.from, batch.until, [...batch.rows]]).toEqual([0, 0, 50, 50, []]);
  });
});

function isEqual(a: unknown, b: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
  return text(a) === text(b);
}
