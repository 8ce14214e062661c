import type { SqlDialect } from "../ports/sql-dialect.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import type { StreamDefinition } from "../streams/stream-definition.js";

/** What a model reads: a stream's master dataset, a view's batch table, or another model. */
export type ModelInput =
  | { readonly from: "stream"; readonly stream: StreamDefinition }
  | { readonly from: "model"; readonly model: ModelDefinition };

/** A SQL table of the warehouse, resolved. `defineModel` makes it. */
export interface ModelDefinition {
  readonly name: string;
  readonly from: Readonly<Record<string, ModelInput>>;
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
  /** Unique together; checked before publication. */
  readonly key: readonly string[];
  /** `date`: rebuilt for changed event dates only. `whole`: rebuilt as one table. */
  readonly partitioned: "date" | "whole";
  /** Dates before and after a changed date that must be rebuilt too, in days. Default none. */
  readonly reach: { readonly before: number; readonly after: number };
  /** The columns of the instants from and before which a row holds; null there is since ever and for ever. Of whole tables only. */
  readonly valid?: { readonly from: string; readonly until: string };
  /** The input, a stream, each of whose events has exactly one row. */
  readonly oneRowPer?: string;
  /** The SELECT for a dialect; `tables` gives each input's FROM-able name, already limited to what may be read. */
  readonly sql: (tables: Readonly<Record<string, string>>, dialect: SqlDialect) => string;
  readonly references: Readonly<Record<string, ModelDefinition>>;
  readonly fingerprint: string;
}
