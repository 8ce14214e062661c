import { convertLiteral } from "../expressions/convert-literal.js";
import type { Literal, PredicateNode } from "../expressions/predicate-node.js";
import type { CellValue } from "../measures/cell.js";
import { computedInteger, computedValue, type ComputedValue } from "../measures/computed-input.js";
import { normalInt64 } from "../measures/int64.js";
import { ddCoordinate } from "../measures/dd-sketch.js";
import { HLL_RANK_BITS, hllCoordinateOf, hllCoordinateOfInteger } from "../measures/hyper-log-log.js";
import type { CoordinateDefinition, MeasureCell } from "../measures/measure-definition.js";
import { mergeCell, zeroOf } from "../measures/merge-cells.js";
import { encodeSketch } from "../measures/sketch.js";
import { compareText } from "../streams/compare-text.js";
import { presentValue } from "../streams/present-value.js";
import type { StreamDefinition } from "../streams/stream-definition.js";

/** A row as users see it: `{ song: "Yesterday", duration: 125.5, ts: Date }`. */
export type PresentedRow = Readonly<Record<string, unknown>>;

/**
 * What a measure's cells are after `rows`, one row after another and as plainly as it can be said: the oracle of every
 * fold. A custom measure's `add` is called row by row on one state.
 */
export function foldCells(stream: StreamDefinition, cells: readonly MeasureCell[], rows: readonly PresentedRow[]): CellValue[] {
  return cells.map((cell) => foldCell(stream, cell, rows.map((row) => insideRow(stream, row)).filter((row) => passes(cell.where, row))));
}

/** By column, as columns hold values inside. */
export type InsideRow = Readonly<Record<string, Literal | null>>;

/**
 * From what users see to what columns hold.
 *
 * @throws {RangeError} for a value that the column cannot hold.
 */
export function insideRow(stream: StreamDefinition, row: PresentedRow): InsideRow {
  return Object.fromEntries(
    Object.entries(stream.columns).map(([name, column]) => {
      const value = row[name];
      if (value === null || value === undefined) return [name, null];
      const converted = convertLiteral(column, value);
      if ("problem" in converted) throw new RangeError(`reading column "${name}" of a row: ${converted.problem}`);
      return [name, converted.literal];
    }),
  );
}

/** Whether a row passes a filter, by SQL's three-valued logic written plainly. */
export function passes(where: PredicateNode | undefined, row: InsideRow): boolean {
  return where === undefined || truth(where, row) === true;
}

/** Undefined is unknown. */
function truth(node: PredicateNode, row: InsideRow): boolean | undefined {
  switch (node.op) {
    case "and": {
      const all = node.all.map((each) => truth(each, row));
      return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
    }
    case "or": {
      const all = node.all.map((each) => truth(each, row));
      return all.includes(true) ? true : all.includes(undefined) ? undefined : false;
    }
    case "not": {
      const of = truth(node.of, row);
      return of === undefined ? undefined : !of;
    }
    case "isNull":
      return (row[node.column] ?? null) === null;
    case "isNotNull":
      return (row[node.column] ?? null) !== null;
    default: {
      const value = row[node.column] ?? null;
      if (value === null) return undefined;
      const order = (other: Literal) => (typeof value === "string" ? compareText(value, String(other)) : value < other ? -1 : value > other ? 1 : 0);
      if (node.op === "in") return node.values.some((each) => order(each) === 0);
      const result = order(node.value);
      return { eq: result === 0, ne: result !== 0, lt: result < 0, le: result <= 0, gt: result > 0, ge: result >= 0 }[node.op];
    }
  }
}

function foldCell(stream: StreamDefinition, cell: MeasureCell, rows: readonly InsideRow[]): CellValue {
  const { input, custom } = cell;
  if (input.of === "values") {
    if (custom === undefined) throw new RangeError(`folding cell "${cell.name}": it has no custom measure`);
    let state = custom.zero();
    for (const row of rows) state = custom.add(state, ...input.columns.map((name, i) => presentValue(custom.input[i]!, row[name] ?? null)));
    return custom.encode(state);
  }
  let value = zeroOf(cell);
  for (const row of rows) {
    const one = contribution(stream, cell, row);
    if (one !== undefined) value = mergeCell(cell, value, one);
  }
  return value;
}

/** What one row adds; undefined for a null. */
function contribution(stream: StreamDefinition, { name, input, combine }: MeasureCell, row: InsideRow): CellValue | undefined {
  switch (input.of) {
    case "one":
      return 1;
    case "notNull":
      return (row[input.column] ?? null) === null ? undefined : 1;
    case "value": {
      const value = row[input.column] ?? null;
      return value === null ? undefined : (value as number | bigint);
    }
    case "coordinate": {
      const coordinate = coordinateOf(stream, input.coordinate, row);
      if (coordinate === undefined) return undefined;
      return combine === "maxByKey"
        ? encodeSketch("maxByKey", [[coordinate >> HLL_RANK_BITS, coordinate & ((1 << HLL_RANK_BITS) - 1)]])
        : encodeSketch("sumByKey", [[coordinate, 1]]);
    }
    case "computed": {
      const values: ComputedValue[] = [];
      for (const column of input.columns) {
        const value = row[column] ?? null;
        if (value === null) return undefined;
        values.push(computedValue(stream.columns[column]!, value));
      }
      const integer = computedInteger(name, input.compute(...values));
      return integer === undefined ? undefined : normalInt64(integer);
    }
    case "values":
      return undefined;
  }
}

function coordinateOf(stream: StreamDefinition, { kind, column }: CoordinateDefinition, row: InsideRow): number | undefined {
  const value = row[column] ?? null;
  if (value === null) return undefined;
  if (kind === "dd") return ddCoordinate(Number(value));
  const isInteger = ["int64", "decimal", "timestamp"].includes(stream.columns[column]!.kind);
  return isInteger ? hllCoordinateOfInteger(value as number | bigint) : hllCoordinateOf(value as string | boolean | number);
}
