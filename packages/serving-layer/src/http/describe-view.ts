import type { ColumnDefinition, Granularity, MeasureDefinition, PredicateNode, ViewDefinition } from "@millrace/core";
import { addsUp } from "../planner/adds-up.js";

/** A view, as a page or a program needs to know it to ask it. */
export interface ViewDescription {
  readonly name: string;
  readonly topic: string;
  readonly dimensions: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly measures: readonly {
    readonly name: string;
    readonly kind: MeasureKind;
    /** Whether `split` tells its batch and speed part. */
    readonly addsUp: boolean;
  }[];
  readonly every: string;
  /** Those that a query may ask for, finest first. */
  readonly granularities: readonly (Granularity | "all")[];
  readonly fingerprint: string;
}

/** Which of the built-in measures it is. */
export type MeasureKind = "count" | "sum" | "min" | "max" | "avg" | "ratio" | "countDistinct" | "quantile" | "custom";

const GRANULARITIES: readonly Granularity[] = ["second", "minute", "hour", "day", "week", "month", "year"];

/** Names and types of a view's columns, as the HTTP interface tells them. */
export function describeView(view: ViewDefinition): ViewDescription {
  return {
    name: view.name,
    topic: view.from.topic,
    dimensions: view.by.map((name) => {
      const column = view.from.columns[name]!;
      return { name, type: typeOf(column), nullable: column.optional && !excludesNull(view.where, name) };
    }),
    measures: view.measures.map((measure) => ({ name: measure.name, kind: kindOf(measure), addsUp: addsUp(measure) })),
    every: view.every,
    granularities: [...GRANULARITIES.slice(GRANULARITIES.indexOf(view.every)), "all"],
    fingerprint: view.fingerprint,
  };
}

/** `text`, `decimal(5)`, `int64 as bigint`: how a column is declared, as one text. */
export const typeOf = ({ kind, scale, as }: ColumnDefinition): string =>
  `${kind}${kind === "decimal" ? `(${scale ?? 0})` : ""}${as === undefined || as === "number" ? "" : ` as ${as}`}`;

/** From its cells: a measure is what they are and how they present. */
function kindOf({ name, cells }: MeasureDefinition): MeasureKind {
  if (cells.length !== 1) return cells[0]?.name === `${name}__sum` ? "avg" : "ratio";
  const { combine, input } = cells[0]!;
  switch (combine) {
    case "sum":
      return input.of === "one" ? "count" : "sum";
    case "min":
    case "max":
      return combine;
    case "maxByKey":
      return "countDistinct";
    case "sumByKey":
      return "quantile";
    case "custom":
      return "custom";
  }
}

/** Whether no row that passes has a null there: what a condition says on its face. */
function excludesNull(where: PredicateNode | undefined, column: string): boolean {
  switch (where?.op) {
    case undefined:
    case "isNull":
    case "not":
      return false;
    case "and":
      return where.all.some((part) => excludesNull(part, column));
    case "or":
      return where.all.every((part) => excludesNull(part, column));
    default:
      return where!.column === column;
  }
}
