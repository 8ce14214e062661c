import type { ColumnVector } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";

/** Some rows of a batch, by index, in order. What it does not drop is shared. */
export function pickRows<R>(batch: ColumnarBatch<R>, kept: Int32Array): ColumnarBatch<R> {
  const { topic, logVersion, partition, from, until } = batch;
  const all = kept.length === batch.length;
  const pick = <A extends Numbers>(values: A): A => (all ? values : pickNumbers(values, kept));
  const record = <V>(values: Readonly<Record<string, V>>, of: (value: V) => V): Readonly<Record<string, V>> =>
    all ? values : Object.fromEntries(Object.entries(values).map(([name, value]) => [name, of(value)]));
  return {
    topic,
    logVersion,
    partition,
    from,
    until,
    length: kept.length,
    offsets: pick(batch.offsets),
    appendedAt: pick(batch.appendedAt),
    eventTime: pick(batch.eventTime),
    late: pick(batch.late),
    columns: record(batch.columns, (vector) => pickVector(vector, kept)),
    coordinates: record(batch.coordinates, pick),
    rows: all ? batch.rows : { [Symbol.iterator]: () => pickedRows(batch.rows, kept) },
  };
}

type Numbers = Float64Array | Int32Array | Uint8Array | BigInt64Array;

function pickNumbers<A extends Numbers>(values: A, kept: Int32Array): A {
  const picked = new (values.constructor as new (length: number) => A)(kept.length);
  for (let i = 0; i < kept.length; i++) picked[i] = values[kept[i]!]!;
  return picked;
}

function pickVector(vector: ColumnVector, kept: Int32Array): ColumnVector {
  if (vector.kind === "text") return { ...vector, codes: pickNumbers(vector.codes, kept) };
  const nulls = vector.nulls === undefined ? {} : { nulls: pickNumbers(vector.nulls, kept) };
  return { ...vector, values: pickNumbers<Numbers>(vector.values, kept), ...nulls } as ColumnVector;
}

function* pickedRows<R>(rows: Iterable<R>, kept: Int32Array): Generator<R> {
  let row = 0;
  let next = 0;
  for (const each of rows) {
    if (next === kept.length) return;
    if (kept[next] === row++) {
      next++;
      yield each;
    }
  }
}
