import type { QuestionDefinition } from "@millrace/core";
import { describeView, typeOf } from "../http/describe-view.js";

/** A question, as a person, a page or a program needs to know it to ask it. */
export interface QuestionDescription {
  readonly name: string;
  readonly doc: string;
  /** From views: exact, with all that the log holds. From the warehouse: as of the cut of the current generation. */
  readonly answeredBy: "views" | "warehouse";
  /** The views, or the tables of the warehouse. */
  readonly from: readonly string[];
  readonly granularities: readonly string[];
  readonly granularity: string;
  /** Rows of each window where no limit is named; null: all. */
  readonly limit: number | null;
  /** The question's own, besides from, until, granularity, zone and limit. */
  readonly parameters: readonly { readonly name: string; readonly kind: string; readonly doc: string; readonly default: number | string | boolean | null; readonly values?: readonly string[] }[];
  /** Of a row of the answer, in order; `window` is left out of a total. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
}

/** The shape of a question, as the command and the HTTP interface tell it. */
export function describeQuestion({ name, doc, answeredBy, granularities, granularity, limit, parameters }: QuestionDefinition): QuestionDescription {
  const window = { name: "window", type: "timestamp", nullable: false };
  return {
    name,
    doc,
    answeredBy: answeredBy.by === "views" ? "views" : "warehouse",
    from: answeredBy.by === "views" ? answeredBy.views.map((view) => view.name) : Object.values(answeredBy.from).map((model) => model.name),
    granularities,
    granularity,
    limit,
    parameters: Object.entries(parameters).map(([parameter, definition]) => ({ name: parameter, ...definition })),
    columns: [window, ...columnsOf(answeredBy)],
  };
}

function columnsOf(answeredBy: QuestionDefinition["answeredBy"]): QuestionDescription["columns"] {
  if (answeredBy.by === "models") return Object.entries(answeredBy.columns).map(([name, column]) => ({ name, type: typeOf(column), nullable: column.optional }));
  const view = describeView(answeredBy.views[0]!);
  return [
    ...answeredBy.dimensions.map((name) => view.dimensions.find((dimension) => dimension.name === name)!),
    ...answeredBy.measures.map((name) => ({ name, type: view.measures.find((measure) => measure.name === name)!.kind, nullable: false })),
  ];
}
