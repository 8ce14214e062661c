import type { Every, View } from "millrace";

/** The windows of a merged view. */
export const TIME_COLUMN = "window_start";

/** A merged view as Superset knows it: a table with columns, and what can be told over any of its rows. */
export interface Dataset {
  /** Of the table, and of the view. */
  readonly name: string;
  readonly columns: readonly DatasetColumn[];
  /** SQL by name. */
  readonly metrics: Readonly<Record<string, string>>;
}

export interface DatasetColumn {
  readonly name: string;
  readonly type: "TIMESTAMP" | "VARCHAR" | "BIGINT";
  /** SQL of a column that the table does not have. */
  readonly sql?: string;
}

/** What of a view is shown. */
export interface Shown<Dims, Out> {
  /** Measures that are counts: over several windows they are added up. */
  readonly counts: readonly (keyof Out & string)[];
  /** Measures that count distinct values: over several windows their sketches are merged, which estimates. */
  readonly distinct?: readonly (keyof Out & string)[];
  /** Columns of SQL over the dimensions, by name. */
  readonly columns?: Readonly<Record<string, (dimension: (name: keyof Dims & string) => string) => string>>;
}

/** The dataset of a view whose dimensions are texts. */
export function dataset<Name extends string, Dims, Out, E extends Every>(view: View<Name, Dims, Out, E>, { counts, distinct = [], columns = {} }: Shown<Dims, Out>): Dataset {
  return {
    name: view.name,
    columns: [
      { name: TIME_COLUMN, type: "TIMESTAMP" },
      ...view.definition.by.map((name): DatasetColumn => ({ name, type: "VARCHAR" })),
      ...counts.map((name): DatasetColumn => ({ name, type: "BIGINT" })),
      ...Object.entries(columns).map(([name, sql]): DatasetColumn => ({ name, type: "VARCHAR", sql: sql((dimension) => dimension) })),
    ],
    // Without quotation marks: Presto, Trino and Spark take the name alike.
    metrics: Object.fromEntries([...counts.map((name) => [name, `SUM(${name})`]), ...distinct.map((name) => [name, `cardinality(merge(${name}__hll))`])]),
  };
}
