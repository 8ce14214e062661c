import { modelTopics, presentValue, ServedGenerations, type Columns, type FileSystem, type Literal, type Model, type Row, type SqlEngine } from "@millrace/core";
import { dimensionOf } from "../batch/batch-rows.js";
import { TableNotBuiltError } from "./table-not-built-error.js";

/** Which part of a table to read. */
export interface TableRange {
  /** Event dates `YYYY-MM-DD` in `[from, until)`, of tables by date. Default: all. */
  readonly from?: string;
  readonly until?: string;
}

/**
 * The rows of a model's table in the current generation, or in the last one that has it as it is declared here, as users
 * see them, read as they are asked for. One generation is read whole, whatever is published meanwhile.
 *
 * @throws {TableNotBuiltError} when no generation has the table as it is declared here.
 */
export async function* readTable<C extends Columns>(
  { files, engine }: { readonly files: FileSystem; readonly engine: SqlEngine },
  { definition: model }: Model<string, C>,
  { from, until }: TableRange,
  signal: AbortSignal,
): AsyncGenerator<Row<C>> {
  const generations = new ServedGenerations(files);
  const current = await generations.current(signal);
  if (current === null) throw new TableNotBuiltError(model.name, "no generation was published yet");
  // Where the current one was built from other declarations, the last one that has this model as it is declared here.
  const generation = (await generations.having([{ name: model.name, kind: "model", fingerprint: model.fingerprint }], modelTopics([model]), current, signal)) ?? current;
  const table = generation.tables.find(({ kind, name }) => kind === "model" && name === model.name);
  if (table?.fingerprint !== model.fingerprint) {
    throw new TableNotBuiltError(model.name, `generation ${generation.number} ${table ? "has it as it was declared before" : "does not have it"}`);
  }
  const versions = Object.entries(table.versions).filter(([date]) => date === "" || ((from === undefined || date >= from) && (until === undefined || date < until)));
  const { dialect } = engine;
  const columns = Object.entries(model.columns);
  const types = Object.fromEntries(columns.map(([name, column]) => [name, dialect.columnType(column)]));
  const chosen = columns.map(([name, column]) => (column.kind === "timestamp" ? dialect.epochMs(dialect.identifier(name)) : dialect.identifier(name)));
  // A date's rows are in the order of its key, and the dates in theirs.
  for (const [, { files: paths }] of versions.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const order = model.key.map((name) => dialect.identifier(name)).join(", ");
    const { blocks } = await engine.query(`SELECT ${chosen.join(", ")} FROM ${dialect.scan(paths.map((path) => files.uri(path)), types)} AS t ORDER BY ${order}`, signal);
    for await (const block of blocks) {
      for (const values of block) {
        yield Object.fromEntries(columns.map(([name, column], i) => [name, presentValue(column, dimensionOf(column, values[i]!) as Literal | null)])) as Row<C>;
      }
    }
  }
}
