import { coordinateName, type ColumnDefinition, type StreamPlan } from "@millrace/core";
import {
  Binary,
  Bool,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  TimestampMillisecond,
  Utf8,
  type DataType,
} from "apache-arrow";

/** Decimals that present as numbers fit `DECIMAL(18, scale)`, which Parquet keeps in 64 bits; others need all of int64. */
export const decimalType = ({ as, scale = 0 }: Pick<ColumnDefinition, "as" | "scale">): Decimal => new Decimal(scale, as === "string" ? 19 : 18, 128);

/** What a column of a master file is made of. */
export type MasterColumnSource =
  | { readonly of: "column"; readonly column: ColumnDefinition }
  | { readonly of: "coordinate" }
  | { readonly of: "logVersion" | "partition" | "offset" | "appendedAt" | "raw" };

export interface MasterColumn {
  readonly name: string;
  readonly source: MasterColumnSource;
  readonly field: Field;
}

/**
 * The columns of a stream's master files: the declared ones, the record's coordinates in the log, the sketch
 * coordinates, and the record's original bytes unless `keepRaw` is false.
 */
export function masterColumns(plan: StreamPlan, keepRaw: boolean): readonly MasterColumn[] {
  const columns: MasterColumn[] = [];
  let dictionaries = 0;
  const add = (name: string, source: MasterColumnSource, type: DataType, nullable: boolean) =>
    columns.push({ name, source, field: new Field(name, type, nullable) });
  for (const [name, column] of Object.entries(plan.stream.columns)) {
    add(name, { of: "column", column }, arrowType(column, () => dictionaries++), column.optional);
  }
  add("_log_version", { of: "logVersion" }, new Int32(), false);
  add("_partition", { of: "partition" }, new Int32(), false);
  add("_offset", { of: "offset" }, new Int64(), false);
  add("_appended_at", { of: "appendedAt" }, new TimestampMillisecond("UTC"), false);
  for (const coordinate of plan.coordinates) add(coordinateName(coordinate), { of: "coordinate" }, new Int32(), true);
  if (keepRaw) add("_raw", { of: "raw" }, new Binary(), false);
  return columns;
}

export function masterSchema(columns: readonly MasterColumn[]): Schema {
  return new Schema(columns.map(({ field }) => field));
}

function arrowType(column: ColumnDefinition, dictionaryId: () => number): DataType {
  switch (column.kind) {
    case "int64":
      return new Int64();
    case "decimal":
      return decimalType(column);
    case "float64":
      return new Float64();
    case "text":
      return new Dictionary(new Utf8(), new Int32(), dictionaryId());
    case "boolean":
      return new Bool();
    case "timestamp":
      return new TimestampMillisecond("UTC");
  }
}
