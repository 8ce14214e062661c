import { collectRows } from "@millrace/core";
import type { FileSystem, ModelDefinition, SqlEngine, StreamPlan, TableGeneration } from "@millrace/core";
import { modelTableColumns } from "../models/model-columns.js";
import type { MasterFile } from "../master-dataset/topic-dataset.js";
import { DAY_MS, utcDate } from "../master-dataset/utc-date.js";
import { CheckFailedError } from "./run-errors.js";

export interface PassedCheck {
  readonly name: string;
  /** Rows looked at. */
  readonly rows: number;
}

/** A FROM-able expression of a model's table as this run leaves it; of some of its dates only, where given. */
export function tableScan(files: FileSystem, engine: SqlEngine, model: ModelDefinition, table: TableGeneration, dates?: ReadonlySet<string>): string {
  const uris = Object.entries(table.versions)
    .filter(([date]) => dates === undefined || dates.has(date))
    .flatMap(([, version]) => version.files.map((path) => files.uri(path)));
  return engine.dialect.scan(uris, modelTableColumns(model, engine.dialect));
}

export interface CheckModel {
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly model: ModelDefinition;
  readonly table: TableGeneration;
  /** What the run built of it. */
  readonly built: ReadonlySet<string>;
  /** All tables of the run's generation, by name. */
  readonly tables: ReadonlyMap<string, TableGeneration>;
  /** Names of the tables that the run changed. */
  readonly changed: ReadonlySet<string>;
}

interface Check extends PassedCheck {
  /** Selects the rows that fail. */
  readonly failing: string;
  /** Counts them, within a SELECT over the rows that the run built. */
  readonly count: string;
  readonly detail: string;
}

/**
 * Keys unique, values not null where declared, references met.
 *
 * @throws {CheckFailedError} with up to ten of the rows that fail.
 */
export async function checkModel({ files, engine, model, table, built, tables, changed }: CheckModel, signal: AbortSignal): Promise<readonly PassedCheck[]> {
  const { dialect } = engine;
  const id = (name: string) => dialect.identifier(name);
  const countRows = (versions: readonly [string, { readonly rows: number }][]) => versions.reduce((sum, [, { rows }]) => sum + rows, 0);
  const all = countRows(Object.entries(table.versions));
  const fresh = countRows(Object.entries(table.versions).filter(([date]) => built.has(date)));
  const checks: Check[] = [];
  let from = "";
  if (built.size > 0) {
    const key = model.key.map(id).join(", ");
    const repeated = `SELECT ${key}, count(*) AS n FROM ${tableScan(files, engine, model, table)} AS t GROUP BY ${key} HAVING count(*) > 1`;
    checks.push({
      name: `${model.name}: unique (${model.key.join(", ")})`,
      rows: all,
      failing: repeated,
      count: `(SELECT count(*) FROM (${repeated}) AS f)`,
      detail: "keys repeat (key, rows)",
    });
    const scan = tableScan(files, engine, model, table, built);
    from = ` FROM ${scan} AS t`;
    for (const [name, column] of Object.entries(model.columns)) {
      if (column.optional && !model.key.includes(name)) continue;
      checks.push({
        name: `${model.name}: not null (${name})`,
        rows: fresh,
        failing: `SELECT ${Object.keys(model.columns).map(id).join(", ")} FROM ${scan} AS t WHERE ${id(name)} IS NULL`,
        count: `sum(CASE WHEN ${id(name)} IS NULL THEN 1 ELSE 0 END)`,
        detail: `"${name}" is null`,
      });
    }
  }
  for (const [name, referenced] of Object.entries(model.references)) {
    const target = tables.get(referenced.name);
    // A changed dimension may have lost what older dates refer to.
    const dates = changed.has(referenced.name) ? undefined : built;
    if (target === undefined || (dates !== undefined && dates.size === 0)) continue;
    const key = id(referenced.key[0]!);
    const unmet =
      `SELECT DISTINCT ${id(name)} FROM ${tableScan(files, engine, model, table, dates)} AS t WHERE ${id(name)} IS NOT NULL ` +
      `AND NOT EXISTS (SELECT 1 FROM ${tableScan(files, engine, referenced, target)} AS r WHERE r.${key} = t.${id(name)})`;
    checks.push({
      name: `${model.name}: ${name} in ${referenced.name}(${referenced.key[0]!})`,
      rows: dates === undefined ? all : fresh,
      failing: unmet,
      count: `(SELECT count(*) FROM (${unmet}) AS f)`,
      detail: `values are not in "${referenced.name}"`,
    });
  }
  if (checks.length === 0) return [];
  // One statement for all of them: there are engines that take a second for each.
  const [counts] = await collectRows(engine, `SELECT ${checks.map(({ count }, i) => `${count} AS c${i}`).join(", ")}${from}`, signal);
  for (const [i, { name, failing, detail }] of checks.entries()) {
    // The sum over no rows is null.
    if (Number(counts![i] ?? 0) > 0) throw new CheckFailedError(name, await collectRows(engine, `${failing} LIMIT 10`, signal), detail);
  }
  return checks.map(({ name, rows }) => ({ name, rows }));
}

/**
 * The rows that a scan of these files gives must be as many as their manifests say, by date and partition: a file that was
 * lost, cut short or replaced fails the run. One statement for all dates; a row counts for the date of its event time.
 */
export async function checkRowsRead(engine: SqlEngine, { stream }: StreamPlan, scan: string, byDate: ReadonlyMap<string, readonly MasterFile[]>, signal: AbortSignal): Promise<readonly PassedCheck[]> {
  const { dialect } = engine;
  const dates = new Map<string, { readonly expected: Map<string, number>; readonly read: Map<string, number> }>();
  const of = (date: string) => {
    let each = dates.get(date);
    if (each === undefined) dates.set(date, (each = { expected: new Map(), read: new Map() }));
    return each;
  };
  for (const [date, parts] of byDate) {
    const { expected } = of(date);
    for (const { rows, manifest } of parts) {
      const key = `v${manifest.logVersion}-p${manifest.partition}`;
      expected.set(key, (expected.get(key) ?? 0) + rows);
    }
  }
  const day = `CAST(floor((${dialect.epochMs(dialect.identifier(stream.eventTime))}) / ${DAY_MS}) AS BIGINT)`;
  const counted = `SELECT _day, _log_version, _partition, count(*) AS n FROM (SELECT ${day} AS _day, _log_version, _partition FROM ${scan} AS e) AS d GROUP BY _day, _log_version, _partition`;
  for (const [at, logVersion, partition, rows] of await collectRows(engine, counted, signal)) {
    of(at === null ? "no date" : utcDate(Number(at))).read.set(`v${String(logVersion)}-p${String(partition)}`, Number(rows));
  }
  return [...dates].map(([date, { expected, read }]) => {
    const name = `${stream.topic}: rows of ${date} as in the manifests`;
    const differing = [...new Set([...expected.keys(), ...read.keys()])].filter((key) => expected.get(key) !== read.get(key));
    if (differing.length > 0) {
      throw new CheckFailedError(name, differing.map((key) => [key, read.get(key) ?? 0, expected.get(key) ?? 0]), "partition, rows read, rows in manifests");
    }
    return { name, rows: [...expected.values()].reduce((sum, rows) => sum + rows, 0) };
  });
}

/**
 * A model that says so has a row for every event, no more and no fewer: a join that doubles or drops rows fails the run.
 *
 * @throws {CheckFailedError}
 */
export function checkOneRowPerEvent(model: ModelDefinition, date: string, rows: number, events: number): PassedCheck {
  const name = `${model.name}${date === "" ? "" : ` ${date}`}: one row per event of "${model.oneRowPer}"`;
  if (rows !== events) throw new CheckFailedError(name, [[rows, events]], "rows, events in manifests");
  return { name, rows };
}
