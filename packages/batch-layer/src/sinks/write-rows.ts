import { convertLiteral, type ColumnDefinition, type Columns, type FileSystem, type Literal } from "@millrace/core";
import { Field, makeData, RecordBatch, Schema, Struct, Utf8, type Data, type DataType } from "apache-arrow";
import { Compression, WriterPropertiesBuilder } from "parquet-wasm";
import { booleanData, bytesData, decimalData, floatData, integerData, timestampData } from "../parquet/arrow-data.js";
import { decimalType } from "../parquet/master-columns.js";
import { ParquetFileWriter } from "../parquet/parquet-file-writer.js";

/** Writes rows as users see them as one Parquet file. */
export async function writeRows(files: FileSystem, path: string, columns: Columns, rows: readonly object[], signal: AbortSignal): Promise<void> {
  const fields: Field[] = [];
  const children: Data[] = [];
  for (const [name, { definition }] of Object.entries(columns)) {
    const column = definition as ColumnDefinition;
    const data = columnData(column, rows.map((row, i) => insideValue(name, column, (row as Readonly<Record<string, unknown>>)[name], i)));
    fields.push(new Field(name, data.type as DataType, column.optional));
    children.push(data);
  }
  const schema = new Schema(fields);
  const writer = new ParquetFileWriter(await files.write(path, signal), new WriterPropertiesBuilder().setCompression(Compression.ZSTD).setCreatedBy("millrace").build());
  try {
    await writer.write(new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children })));
    await writer.seal();
    signal.throwIfAborted();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function insideValue(name: string, column: ColumnDefinition, value: unknown, row: number): Literal | null {
  if (value === null || value === undefined) {
    if (column.optional) return null;
    throw new RangeError(`writing column "${name}" of row ${row}: it is null, and the column is not optional`);
  }
  const converted = convertLiteral(column, value);
  if ("problem" in converted) throw new RangeError(`writing column "${name}" of row ${row}: ${converted.problem}`);
  return converted.literal;
}

function columnData(column: ColumnDefinition, values: readonly (Literal | null)[]): Data {
  const integers = values as readonly (number | bigint | null)[];
  switch (column.kind) {
    case "int64":
      return integerData(integers);
    case "timestamp":
      return timestampData(integers);
    case "decimal":
      return decimalData(integers, decimalType(column));
    case "float64":
      return floatData(values);
    case "boolean":
      return booleanData(values);
    case "text":
      return bytesData(values, new Utf8());
  }
}
