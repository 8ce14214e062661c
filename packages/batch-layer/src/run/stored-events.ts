import {
  CoordinateColumn,
  coordinateName,
  DecodedBatch,
  rawBatchOf,
  scaledFromText,
  type ColumnBatch,
  type ColumnDefinition,
  type ColumnVector,
  type LogPartition,
  type SqlDialect,
  type SqlValue,
  type StreamPlan,
  type TextDictionary,
} from "@millrace/core";
import { logColumns } from "../master-dataset/master-scan.js";

/** The columns of a master file that make an event, in the order in which {@link StoredEvents} takes them, by SQL type. */
export function storedColumns({ stream }: StreamPlan, dialect: SqlDialect): Readonly<Record<string, string>> {
  const { _offset, _appended_at } = logColumns(dialect);
  const columns: Record<string, string> = { _offset: _offset!, _appended_at: _appended_at! };
  for (const [name, column] of Object.entries(stream.columns)) columns[name] = dialect.columnType(column);
  return columns;
}

/** Turns rows of master files back into what decoding made of them; sketch coordinates are computed anew. */
export class StoredEvents {
  readonly #plan: StreamPlan;
  readonly #coordinates: readonly { readonly name: string; readonly column: string; readonly of: CoordinateColumn }[];

  constructor(plan: StreamPlan) {
    this.#plan = plan;
    this.#coordinates = plan.coordinates.map((definition) => ({ name: coordinateName(definition), column: definition.column, of: new CoordinateColumn(definition) }));
  }

  /** Rows of one partition in offset order, columns as {@link storedColumns} names them; `values`: the records' original bytes. */
  batch(at: LogPartition, rows: readonly (readonly SqlValue[])[], values?: readonly Uint8Array[]): ColumnBatch {
    const { stream } = this.#plan;
    const offsets = Float64Array.from(rows, (row) => Number(row[0]));
    const appendedAt = Float64Array.from(rows, (row) => Number(row[1]));
    const columns: Record<string, ColumnVector> = {};
    Object.entries(stream.columns).forEach(([name, column], c) => {
      columns[name] = vectorOf(name, column, rows.map((row) => row[2 + c]!));
    });
    const time = columns[stream.eventTime];
    if (time?.kind !== "timestamp") throw new TypeError(`reading stored events: "${stream.eventTime}" is no timestamp`);
    const eventTime = time.values;
    const late = Uint8Array.from(eventTime, (instant, i) => (instant < appendedAt[i]! - stream.latenessMs ? 1 : 0));
    const coordinates = Object.fromEntries(this.#coordinates.map(({ name, column, of }) => [name, of.of(columns[column]!, rows.length)]));
    const records = rows.map((_, i) => ({ offset: offsets[i]!, appendedAt: appendedAt[i]!, value: values?.[i] ?? null }));
    const raw = rawBatchOf(at, records, { position: rows.length === 0 ? 0 : offsets.at(-1)! + 1 });
    return new DecodedBatch(raw, stream.columns, columns, coordinates, rows.length, Int32Array.from(rows, (_, i) => i), offsets, appendedAt, eventTime, late, []);
  }
}

function vectorOf(name: string, column: ColumnDefinition, values: readonly SqlValue[]): ColumnVector {
  const nullable = values.includes(null) ? { nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)) } : {};
  switch (column.kind) {
    case "text":
      return textVector(values);
    case "boolean":
      return { kind: "boolean", values: Uint8Array.from(values, (value) => (value === true ? 1 : 0)), ...nullable };
    case "float64":
    case "timestamp":
      return { kind: column.kind, values: Float64Array.from(values, (value) => Number(value ?? 0)), ...nullable };
    case "int64":
    case "decimal": {
      const integers = values.map((value) => integerOf(name, column, value));
      return column.as === "number" || column.as === undefined
        ? { kind: column.kind, values: Float64Array.from(integers, Number), ...nullable }
        : { kind: column.kind, values: BigInt64Array.from(integers, BigInt), ...nullable };
    }
  }
}

function integerOf(name: string, column: ColumnDefinition, value: SqlValue): number | bigint {
  if (value === null) return 0;
  if (typeof value === "number" || typeof value === "bigint") return value;
  const scaled = typeof value === "string" ? scaledFromText(value, column.scale ?? 0) : undefined;
  if (scaled === undefined) throw new TypeError(`reading column "${name}" of stored events: the engine gave ${typeof value}`);
  return scaled;
}

function textVector(values: readonly SqlValue[]): ColumnVector {
  const texts: string[] = [];
  const codeOf = new Map<string, number>();
  const codes = Int32Array.from(values, (value) => {
    if (value === null) return -1;
    const text = String(value);
    let code = codeOf.get(text);
    if (code === undefined) codeOf.set(text, (code = texts.push(text) - 1));
    return code;
  });
  const encoder = new TextEncoder();
  const dictionary: TextDictionary = { size: texts.length, text: (code) => texts[code]!, bytes: (code) => encoder.encode(texts[code]) };
  return { kind: "text", codes, dictionary };
}
