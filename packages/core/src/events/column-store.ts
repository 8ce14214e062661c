import type { ColumnDefinition } from "../streams/column-definition.js";
import type { StreamPlan } from "../streams/stream-plan.js";
import type { ColumnVector } from "./column-vector.js";
import type { DeadLetterReason } from "./dead-letter.js";
import { CleanedTexts } from "./cleaned-texts.js";
import { TextInterner } from "./text-interner.js";

/** How a column's value is read and held. */
export const enum Held {
  Text,
  Boolean,
  Float64,
  /** int64 and decimal as a safe integer, scaled. */
  Integer,
  /** int64 and decimal as any int64, scaled. */
  Bigint,
  Seconds,
  Milliseconds,
  Microseconds,
  Iso,
}

/** Why a column of the current record has no value. */
export interface ColumnFailure {
  readonly reason: DeadLetterReason;
  readonly column: string;
  readonly detail: string;
}

const NO_FLOATS = new Float64Array(0);
const NO_CODES = new Int32Array(0);
const NO_BIGINTS = new BigInt64Array(0);
const NO_FLAGS = new Uint8Array(0);

/**
 * The columns of the batch being decoded, and what is known of the record that is being read into one of its rows.
 * Readers write values straight into the arrays; a row that fails is written over by the next record.
 */
export class ColumnStore {
  readonly names: readonly string[];
  readonly definitions: readonly ColumnDefinition[];
  /** By column. */
  readonly held: Uint8Array;
  readonly scales: Uint8Array;
  /** Longest text in UTF-8 bytes; only dimensions have a bound. */
  readonly maxBytes: Float64Array;
  /** By column, an empty array where the column is held otherwise. Timestamps are floats. */
  floats: Float64Array[] = [];
  codes: Int32Array[] = [];
  bigints: BigInt64Array[] = [];
  flags: Uint8Array[] = [];
  readonly interners: TextInterner[];
  /** Of the columns that are cleaned. */
  readonly #cleaned: readonly CleanedTexts[];
  /** Columns of the record that have been met so far, whatever was found there. */
  found = 0;
  /** Whether a column may have failed. */
  failed = false;

  readonly #optional: readonly boolean[];
  #nulls: (Uint8Array | undefined)[] = [];
  #capacity = 0;
  /** `#seen[column] === #record` where the column was met in the current record. */
  readonly #seen: Int32Array;
  #record = 0;
  readonly #failures: (ColumnFailure | undefined)[];
  readonly #maxDictionaryEntries: number;
  readonly #maxDictionaryBytes: number;

  constructor({ stream }: StreamPlan, maxDictionaryEntries: number, maxDictionaryBytes: number) {
    this.names = Object.keys(stream.columns);
    this.definitions = Object.values(stream.columns);
    this.held = Uint8Array.from(this.definitions, heldAs);
    this.scales = Uint8Array.from(this.definitions, ({ scale }) => scale ?? 0);
    this.maxBytes = Float64Array.from(this.definitions, ({ kind }) => (kind === "text" ? stream.maxTextBytes : Infinity));
    this.interners = this.definitions.map(() => new TextInterner());
    this.#cleaned = this.definitions.flatMap(({ cleaned }, column) => (cleaned === undefined ? [] : [new CleanedTexts(column, cleaned.clean, stream.maxTextBytes)]));
    this.#optional = this.definitions.map(({ optional }) => optional);
    this.#seen = new Int32Array(this.names.length);
    this.#failures = this.definitions.map(() => undefined);
    this.#maxDictionaryEntries = maxDictionaryEntries;
    this.#maxDictionaryBytes = maxDictionaryBytes;
  }

  /** Starts a batch of at most `capacity` rows, with arrays of its own. */
  beginBatch(capacity: number): void {
    this.#capacity = capacity;
    const { held } = this;
    const allocate = <A>(of: (held: number) => boolean, array: () => A, none: A) => Array.from(held, (as) => (of(as) ? array() : none));
    this.codes = allocate((as) => as === Held.Text, () => new Int32Array(capacity), NO_CODES);
    this.bigints = allocate((as) => as === Held.Bigint, () => new BigInt64Array(capacity), NO_BIGINTS);
    this.flags = allocate((as) => as === Held.Boolean, () => new Uint8Array(capacity), NO_FLAGS);
    this.floats = allocate((as) => as === Held.Float64 || as === Held.Integer || as >= Held.Seconds, () => new Float64Array(capacity), NO_FLOATS);
    this.#nulls = this.definitions.map(() => undefined);
    this.#seen.fill(0);
    this.#record = 0;
    for (let column = 0; column < held.length; column++) {
      const { size, byteLength } = this.interners[column]!;
      if (size > this.#maxDictionaryEntries || byteLength > this.#maxDictionaryBytes) this.interners[column] = new TextInterner();
    }
    for (const texts of this.#cleaned) texts.of(this.interners[texts.column]!);
  }

  get cleans(): boolean {
    return this.#cleaned.length > 0;
  }

  /** Turns the texts of a row that has been read into what they become. To be called once. */
  clean(row: number): void {
    for (const texts of this.#cleaned) {
      const codes = this.codes[texts.column]!;
      // A column that failed may have no text, or one of an earlier record: the record is a dead letter anyway.
      if (this.#seen[texts.column] !== this.#record || this.#failures[texts.column] !== undefined || codes[row]! < 0) continue;
      const code = texts.clean(codes[row]!);
      if (code >= 0) codes[row] = code;
      else this.fail(texts.column, "undecodable", `is ${JSON.stringify(excerpt(this.interners[texts.column]!.text(codes[row]!)))}, which ${texts.failureOf(codes[row]!)}`);
    }
  }

  beginRecord(): void {
    this.#record++;
    this.found = 0;
    this.failed = false;
  }

  /** To be called before a column's value is written. A name that comes twice counts once, and the last one wins. */
  meet(column: number, row: number): void {
    if (this.#seen[column] !== this.#record) {
      this.#seen[column] = this.#record;
      this.found++;
    } else this.#reset(column, row);
  }

  /** Takes back what was met: the column is missing again. */
  unmeet(column: number, row: number): void {
    if (this.#seen[column] !== this.#record) return;
    this.#seen[column] = 0;
    this.found--;
    this.#reset(column, row);
  }

  setNull(column: number, row: number): void {
    if (!this.#optional[column]) return this.fail(column, "missing", "is null, but required");
    const held = this.held[column]!;
    if (held === Held.Text) {
      this.codes[column]![row] = -1;
      return;
    }
    (this.#nulls[column] ??= new Uint8Array(this.#capacity))[row] = 1;
    // A failed record may have left a value there.
    if (held === Held.Boolean) this.flags[column]![row] = 0;
    else if (held === Held.Bigint) this.bigints[column]![row] = 0n;
    else this.floats[column]![row] = 0;
  }

  /** `what` completes the sentence `column "song" ...`. */
  fail(column: number, reason: DeadLetterReason, what: string): void {
    const name = this.names[column]!;
    this.failed = true;
    this.#failures[column] = { reason, column: name, detail: `column "${name}" ${what}` };
  }

  failOutOfRange(column: number, found: string, limit: string): void {
    this.fail(column, "out-of-range", `is ${excerpt(found)}, ${limit}`);
  }

  failWrongType(column: number, found: string): void {
    this.fail(column, "wrong-type", `is ${found}, but ${expectation(this.definitions[column]!)} is expected`);
  }

  /** Columns of `columns` that were not met become null, or fail. */
  fillMissing(columns: Int32Array, row: number): void {
    for (const column of columns) {
      if (this.#seen[column] !== this.#record) this.missing(column, row);
    }
  }

  missing(column: number, row: number): void {
    this.meet(column, row);
    if (this.#optional[column]) this.setNull(column, row);
    else this.fail(column, "missing", "is missing");
  }

  /** The failure of the first column, in declared order, that has one. */
  firstFailure(): ColumnFailure | undefined {
    return this.#failures.find((failure) => failure !== undefined);
  }

  /** The row is as if never written. */
  clearRow(row: number): void {
    for (let column = 0; column < this.names.length; column++) this.#reset(column, row);
  }

  vector(column: number, length: number): ColumnVector {
    const definition = this.definitions[column]!;
    const nulls = this.#nulls[column]?.subarray(0, length);
    const withNulls = nulls === undefined ? {} : { nulls };
    switch (definition.kind) {
      case "text":
        return { kind: "text", codes: this.codes[column]!.subarray(0, length), dictionary: this.#cleaned.find((texts) => texts.column === column)?.dictionary ?? this.interners[column]! };
      case "boolean":
        return { kind: "boolean", values: this.flags[column]!.subarray(0, length), ...withNulls };
      case "int64":
      case "decimal":
        if (this.held[column] === Held.Bigint) return { kind: definition.kind, values: this.bigints[column]!.subarray(0, length), ...withNulls };
        return { kind: definition.kind, values: this.floats[column]!.subarray(0, length), ...withNulls };
      case "timestamp":
      case "float64":
        return { kind: definition.kind, values: this.floats[column]!.subarray(0, length), ...withNulls };
    }
  }

  #reset(column: number, row: number): void {
    this.#failures[column] = undefined;
    const nulls = this.#nulls[column];
    if (nulls !== undefined) nulls[row] = 0;
  }
}

function heldAs({ kind, as, unit }: ColumnDefinition): number {
  switch (kind) {
    case "text":
      return Held.Text;
    case "boolean":
      return Held.Boolean;
    case "float64":
      return Held.Float64;
    case "int64":
      return as === "bigint" ? Held.Bigint : Held.Integer;
    case "decimal":
      return as === "string" ? Held.Bigint : Held.Integer;
    case "timestamp":
      return unit === "s" ? Held.Seconds : unit === "us" ? Held.Microseconds : unit === "iso" ? Held.Iso : Held.Milliseconds;
  }
}

function expectation({ kind, scale, unit }: ColumnDefinition): string {
  switch (kind) {
    case "text":
      return "text";
    case "boolean":
      return "true or false";
    case "float64":
      return "a number";
    case "int64":
      return "a whole number";
    case "decimal":
      return `a number with at most ${scale ?? 0} digits after the point`;
    case "timestamp":
      return unit === "iso" ? 'a text like "2024-02-29T23:59:59.123Z"' : `a number of ${unit === "s" ? "seconds" : unit === "us" ? "microseconds" : "milliseconds"} since 1970`;
  }
}

/** A value for a sentence: short, on one line. */
export function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
