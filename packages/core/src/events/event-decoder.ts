import { MillraceError } from "../errors/millrace-error.js";
import type { RawBatch } from "../log/raw-batch.js";
import { coordinateName } from "../measures/coordinate-name.js";
import type { StreamPlan } from "../streams/stream-plan.js";
import { ColumnStore } from "./column-store.js";
import type { ColumnVector } from "./column-vector.js";
import { CoordinateColumn } from "./coordinate-column.js";
import type { DeadLetter, DeadLetterReason } from "./dead-letter.js";
import { DecodedBatch } from "./decoded-batch.js";
import type { ColumnBatch, EventDecoder } from "./event-batch.js";
import { JsonRecordScanner } from "./json-record-scanner.js";
import { ObjectRecordReader } from "./object-record-reader.js";

/** Bounds of a decoder's memory. */
export interface EventDecoderOptions {
  /** A text column with more distinct texts than this starts a new dictionary at the next batch. Default 262,144. */
  readonly maxDictionaryEntries?: number;
  /** As above, for the UTF-8 bytes of these texts together. Default 32 MiB. */
  readonly maxDictionaryBytes?: number;
}

/**
 * A decoder for the records of one partition. Every record becomes a row or a dead letter; `decode` throws for nothing
 * that a record contains, only a retryable error of the stream's own decoder goes through.
 *
 * Memory: a dictionary a text column within the bounds of `options` plus one batch, and 1 MiB a sketched integer column.
 */
export function createEventDecoder<R = unknown>(plan: StreamPlan, options: EventDecoderOptions = {}): EventDecoder<R> {
  return new PlannedDecoder<R>(plan, options);
}

interface Failure {
  readonly reason: DeadLetterReason;
  readonly column?: string;
  readonly detail: string;
}

class PlannedDecoder<R> implements EventDecoder<R> {
  declare readonly prepare?: (raw: RawBatch, signal: AbortSignal) => Promise<void>;
  readonly #plan: StreamPlan;
  readonly #store: ColumnStore;
  readonly #scanner: JsonRecordScanner;
  readonly #objects: ObjectRecordReader;
  readonly #coordinates: readonly { readonly name: string; readonly column: string; readonly of: CoordinateColumn }[];
  readonly #eventTime: number;
  /** Columns of the record's value; those of its key and headers; those that are the broker's time. */
  readonly #inValue: Int32Array;
  readonly #besides: readonly { readonly column: number; readonly header?: string }[];
  readonly #appendedAt: readonly number[];
  /** The batch that `prepare` was last awaited with. */
  #prepared: RawBatch | undefined;

  constructor(plan: StreamPlan, { maxDictionaryEntries = 262_144, maxDictionaryBytes = 32 * 1024 * 1024 }: EventDecoderOptions) {
    this.#plan = plan;
    const { prepare, maxRecordBytes } = plan.stream;
    if (prepare !== undefined) {
      this.prepare = async (raw, signal) => {
        await prepare(valuesOf(raw, maxRecordBytes), signal);
        this.#prepared = raw;
      };
    }
    const store = new ColumnStore(plan, maxDictionaryEntries, maxDictionaryBytes);
    this.#store = store;
    this.#scanner = new JsonRecordScanner(store);
    this.#objects = new ObjectRecordReader(store);
    this.#coordinates = plan.coordinates.map((definition) => ({
      name: coordinateName(definition),
      column: definition.column,
      of: new CoordinateColumn(definition),
    }));
    this.#eventTime = store.names.indexOf(plan.stream.eventTime);
    const sources = store.definitions.map(({ source }, column) => ({ column, source }));
    this.#inValue = Int32Array.from(sources.filter(({ source }) => source.in === "value"), ({ column }) => column);
    this.#appendedAt = sources.filter(({ source }) => source.in === "appendedAt").map(({ column }) => column);
    this.#besides = sources.flatMap(({ column, source }) => {
      if (source.in === "header") return [{ column, header: source.name }];
      return source.in === "key" ? [{ column }] : [];
    });
  }

  decode(raw: RawBatch): ColumnBatch<R> {
    const { stream } = this.#plan;
    const store = this.#store;
    const records = raw.length;
    // Unprepared, a decoder would take what it does not know yet for what is wrong, and make dead letters of it.
    if (stream.prepare !== undefined && records > 0 && this.#prepared !== raw) throw new TypeError(`decoding records of "${stream.topic}": its decoder was not prepared for them`);
    const { valueStart, valueEnd, appendedAt } = raw;
    const { maxFutureMs, maxRecordBytes } = stream;
    const maxPastMs = stream.maxPastMs ?? Infinity;
    store.beginBatch(records);
    this.#scanner.use(raw.data);
    const eventTimes = store.floats[this.#eventTime]!;
    const isPlain = stream.decode === undefined && this.#besides.length === 0 && this.#appendedAt.length === 0;
    const values = this.#inValue.length;
    const { cleans } = store;
    const rawIndex = new Int32Array(records);
    const deadLetters: DeadLetter[] = [];
    let row = 0;
    for (let i = 0; i < records; i++) {
      const start = valueStart[i]!;
      const end = valueEnd[i]!;
      store.beginRecord();
      let failure: Failure | undefined;
      if (start < 0) failure = { reason: "null-value", detail: "the record has no value" };
      else if (end - start > maxRecordBytes) {
        failure = { reason: "too-large", detail: `the record has ${end - start} bytes, but at most ${maxRecordBytes} are taken` };
      } else {
        if (stream.decode !== undefined) failure = this.#readDecoded(raw.data.subarray(start, end), stream.decode, row);
        else if (!this.#scanner.scan(start, end, row)) failure = this.#readRefused(raw.data.subarray(start, end), row);
        if (failure === undefined) {
          if (!isPlain) this.#readBesides(raw, i, row);
          if (store.found < values || !isPlain) store.fillMissing(this.#inValue, row);
          if (cleans) store.clean(row);
        }
      }
      // A column that failed may have been named again, with a value that is right.
      if (store.failed) failure ??= store.firstFailure();
      if (failure === undefined) {
        const ahead = eventTimes[row]! - appendedAt[i]!;
        if (ahead <= maxFutureMs && -ahead <= maxPastMs) {
          rawIndex[row++] = i;
          continue;
        }
        failure = this.#outOfBounds(eventTimes[row]!, appendedAt[i]!);
      }
      store.clearRow(row);
      deadLetters.push(deadLetter(raw, i, failure));
    }
    return this.#batch(raw, row, rawIndex, deadLetters);
  }

  #batch(raw: RawBatch, length: number, rawIndex: Int32Array, deadLetters: readonly DeadLetter[]): ColumnBatch<R> {
    const { stream } = this.#plan;
    const store = this.#store;
    const columns: Record<string, ColumnVector> = {};
    store.names.forEach((name, column) => (columns[name] = store.vector(column, length)));
    const coordinates: Record<string, Int32Array> = {};
    for (const { name, column, of } of this.#coordinates) coordinates[name] = of.of(columns[column]!, length);
    // Without dead letters rows and records are the same, and so are their coordinates.
    const every = length === raw.length;
    const offsets = every ? raw.offsets : pick(raw.offsets, rawIndex, length);
    const appendedAt = every ? raw.appendedAt : pick(raw.appendedAt, rawIndex, length);
    const eventTime = store.floats[this.#eventTime]!.subarray(0, length);
    const late = new Uint8Array(length);
    const { latenessMs } = stream;
    for (let i = 0; i < length; i++) if (eventTime[i]! < appendedAt[i]! - latenessMs) late[i] = 1;
    return new DecodedBatch<R>(
      raw, stream.columns, columns, coordinates, length, rawIndex.subarray(0, length), offsets, appendedAt, eventTime, late, deadLetters,
    );
  }

  #readDecoded(value: Uint8Array, decode: (value: Uint8Array) => unknown, row: number): Failure | undefined {
    let record: unknown;
    try {
      record = decode(value);
    } catch (error) {
      // Says nothing of the record.
      if (error instanceof MillraceError && error.retryable) throw error;
      return { reason: "undecodable", detail: `decoding failed: ${sentence(error)}` };
    }
    return this.#readObject(record, row, true);
  }

  /** What the scanner refuses, `JSON.parse` judges: it says what is wrong, and if nothing is, its object is read. */
  #readRefused(value: Uint8Array, row: number): Failure | undefined {
    // What the scanner has written so far means nothing.
    for (const column of this.#inValue) this.#store.unmeet(column, row);
    this.#store.failed = false;
    let text: string;
    try {
      text = UTF8.decode(value);
    } catch {
      return { reason: "undecodable", detail: "the record is not valid UTF-8" };
    }
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch (error) {
      return { reason: "undecodable", detail: `the record is not JSON: ${sentence(error)}` };
    }
    return this.#readObject(record, row, false);
  }

  #readObject(record: unknown, row: number, numberTexts: boolean): Failure | undefined {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      const found = record === null ? "null" : Array.isArray(record) ? "an array" : `a ${typeof record}`;
      return { reason: "wrong-type", detail: `the record is ${found}, but an object is expected` };
    }
    this.#objects.read(record, row, numberTexts);
    return undefined;
  }

  #readBesides(raw: RawBatch, index: number, row: number): void {
    const store = this.#store;
    for (const column of this.#appendedAt) store.floats[column]![row] = raw.appendedAt[index]!;
    for (const { column, header } of this.#besides) {
      if (header !== undefined) {
        const value = raw.headers?.[index]?.[header];
        if (value === undefined) store.missing(column, row);
        else this.#scanner.readText(value, 0, value.length, column, row);
      } else {
        const start = raw.keyStart?.[index] ?? -1;
        if (start < 0) store.missing(column, row);
        else this.#scanner.readText(raw.data, start, raw.keyEnd![index]!, column, row);
      }
    }
  }

  #outOfBounds(eventTime: number, appendedAt: number): Failure {
    const { eventTime: column, maxPastMs, maxFutureMs } = this.#plan.stream;
    const bound = eventTime > appendedAt ? `${maxFutureMs} ms after` : `${maxPastMs} ms before`;
    return {
      reason: "event-time-out-of-bounds",
      column,
      detail: `event time ${instantText(eventTime)} is more than ${bound} the record was appended at ${instantText(appendedAt)}`,
    };
  }
}

// Keeps a byte order mark, which JSON.parse refuses.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function deadLetter(raw: RawBatch, index: number, failure: Failure): DeadLetter {
  const { topic, logVersion, partition, data, valueStart, valueEnd, keyStart, keyEnd } = raw;
  const bytes = (start: number, end: number) => (start < 0 ? null : data.subarray(start, end));
  return {
    topic,
    logVersion,
    partition,
    offset: raw.offsets[index]!,
    appendedAt: raw.appendedAt[index]!,
    ...failure,
    key: keyStart === undefined || keyEnd === undefined ? null : bytes(keyStart[index]!, keyEnd[index]!),
    value: bytes(valueStart[index]!, valueEnd[index]!),
  };
}

/** The values that will be decoded. */
function* valuesOf({ data, length, valueStart, valueEnd }: RawBatch, maxBytes: number): Generator<Uint8Array> {
  for (let i = 0; i < length; i++) {
    const start = valueStart[i]!;
    const end = valueEnd[i]!;
    if (start >= 0 && end - start <= maxBytes) yield data.subarray(start, end);
  }
}

function pick(values: Float64Array, indexes: Int32Array, length: number): Float64Array {
  const picked = new Float64Array(length);
  for (let i = 0; i < length; i++) picked[i] = values[indexes[i]!]!;
  return picked;
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 200);
}

function instantText(epochMs: number): string {
  return Number.isFinite(epochMs) && Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs);
}
