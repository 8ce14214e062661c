import type { RawBatch } from "../log/raw-batch.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { presentValue } from "../streams/present-value.js";
import type { ColumnVector } from "./column-vector.js";
import type { DeadLetter } from "./dead-letter.js";
import type { ColumnBatch } from "./event-batch.js";

/** The value of a row as users see it: integers and decimals as declared, timestamps as `Date`, null. */
export function valueAt(definition: ColumnDefinition, vector: ColumnVector, row: number): unknown {
  if (vector.kind === "text") {
    const code = vector.codes[row]!;
    return code < 0 ? null : vector.dictionary.text(code);
  }
  if (vector.nulls?.[row] === 1) return null;
  return vector.kind === "boolean" ? vector.values[row] === 1 : presentValue(definition, vector.values[row]!);
}

/** What a decoder makes of one raw batch. Immutable; its arrays are its own or the raw batch's. */
export class DecodedBatch<R> implements ColumnBatch<R> {
  readonly topic: string;
  readonly logVersion: number;
  readonly partition: number;
  readonly from: number;
  readonly until: number;
  readonly records: number;
  /** Row by row, made anew at each iteration: nothing is spent on rows that nobody asks for. */
  readonly rows: Iterable<R>;

  constructor(
    readonly raw: RawBatch,
    definitions: Readonly<Record<string, ColumnDefinition>>,
    readonly columns: Readonly<Record<string, ColumnVector>>,
    readonly coordinates: Readonly<Record<string, Int32Array>>,
    readonly length: number,
    readonly rawIndex: Int32Array,
    readonly offsets: Float64Array,
    readonly appendedAt: Float64Array,
    readonly eventTime: Float64Array,
    readonly late: Uint8Array,
    readonly deadLetters: readonly DeadLetter[],
  ) {
    this.topic = raw.topic;
    this.logVersion = raw.logVersion;
    this.partition = raw.partition;
    this.from = raw.length === 0 ? raw.position : raw.offsets[0]!;
    this.until = raw.position;
    this.records = raw.length;
    const names = Object.keys(columns);
    this.rows = {
      *[Symbol.iterator]() {
        for (let row = 0; row < length; row++) {
          const object: Record<string, unknown> = {};
          for (const name of names) object[name] = valueAt(definitions[name]!, columns[name]!, row);
          yield object as R;
        }
      },
    };
  }
}
