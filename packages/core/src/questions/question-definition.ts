import type { ModelDefinition } from "../models/model-definition.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import type { Granularity } from "../time-zones/granularity.js";
import type { ViewDefinition } from "../views/view-definition.js";
import type { ParameterDefinition } from "./parameter.js";

/** What a question was asked, checked, with all defaults filled in. */
export interface ResolvedParameters {
  /** Epoch ms, the range `[from, until)`. */
  readonly from: number;
  readonly until: number;
  readonly granularity: Granularity | "all";
  readonly zone: string;
  /** Rows of each window, at most; null: all. */
  readonly limit: number | null;
  /** The question's own. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** The SQL of the start (epoch ms) of the window that an epoch-ms expression lies in, for a granularity. */
export type AskedWindows = (granularity: Granularity | "all", epochMs: string) => string;

/** What a question is answered from. */
export type AnsweredBy =
  | {
      readonly by: "views";
      /** Coarser ones first: the first that tells the range and the granularity exactly is asked. */
      readonly views: readonly ViewDefinition[];
      readonly dimensions: readonly string[];
      readonly measures: readonly string[];
      readonly where: (own: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
    }
  | {
      readonly by: "models";
      readonly from: Readonly<Record<string, ModelDefinition>>;
      /** Of the answer, after its window. */
      readonly columns: Readonly<Record<string, ColumnDefinition>>;
      /** The SELECT for a dialect: `window_start`, then the columns. `tables` gives each model's FROM-able name. */
      readonly sql: (tables: Readonly<Record<string, string>>, dialect: SqlDialect, asked: ResolvedParameters, windows: AskedWindows) => string;
    };

/** A named question, resolved. `defineQuestion` makes it. */
export interface QuestionDefinition {
  readonly name: string;
  readonly doc: string;
  /** Those that may be asked for, finest first. */
  readonly granularities: readonly (Granularity | "all")[];
  /** Asked where none is named. */
  readonly granularity: Granularity | "all";
  /** Rows of each window where no limit is named; null: all. */
  readonly limit: number | null;
  /** A column of the answer; rows of a window that are equal there order by their texts, then by all else. */
  readonly orderBy: { readonly column: string; readonly descending: boolean } | null;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly answeredBy: AnsweredBy;
}
