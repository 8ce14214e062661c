import {
  collectRows,
  tableVersionFolder,
  type FileSystem,
  type ModelDefinition,
  type SqlEngine,
  type StreamPlan,
  type TableGeneration,
  type TableVersion,
  type ViewDefinition,
} from "@millrace/core";
import { masterScan } from "../master-dataset/master-scan.js";
import type { MasterFile, TopicDataset } from "../master-dataset/topic-dataset.js";
import { modelOrder } from "../models/model-order.js";
import { columnProblems, dateColumn, modelSelect, modelTableColumns } from "../models/model-columns.js";
import { ModelColumnsError } from "../models/model-columns-error.js";
import { changedValidity, rowsThatHold, type ChangedValidity } from "./changed-validity.js";
import { checkOneRowPerEvent, checkRowsRead, tableScan, type PassedCheck } from "./check-tables.js";
import { inTurns } from "./in-turns.js";
import { RunOptionError } from "./run-errors.js";
import { datesRead, intervalOf, WHOLE, type RunPlan, type TablePlan } from "./run-plan.js";
import type { Bases } from "./table-bases.js";
import { viewSelect } from "./view-select.js";

export interface BuildTables {
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly plan: RunPlan;
  readonly bases: Bases;
  readonly views: readonly ViewDefinition[];
  readonly models: readonly ModelDefinition[];
  readonly plans: readonly StreamPlan[];
  readonly datasets: ReadonlyMap<string, TopicDataset>;
  /** Unique: names the versions. */
  readonly version: string;
  readonly onStep: (step: BuildStep) => Promise<void>;
}

/** A date of a table was built. */
export interface BuildStep {
  readonly table: TablePlan;
  /** `""`: the whole table. */
  readonly date: string;
  readonly done: number;
  readonly total: number;
}

export interface BuiltTables {
  readonly tables: readonly TableGeneration[];
  readonly checks: readonly PassedCheck[];
  /** The dates whose rows may differ from what they were built on, by table; tables that are as they were are not among them. */
  readonly changed: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Files whose rows are counted in one statement. */
const FILES_CHECKED = 1_000;

/** Builds what the plan says as new versions beside the old; nobody reads them before publication. */
export async function buildTables(build: BuildTables, signal: AbortSignal): Promise<BuiltTables> {
  const { files, engine, plan, bases, views, models, plans, datasets, version, onStep } = build;
  const { cut } = plan;
  const checks: PassedCheck[] = [];
  const tables = new Map<string, TableGeneration>();
  const builtDates = new Map<string, ReadonlySet<string>>();
  /** Of whole tables that came out different, whose rows hold for a time. */
  const validity = new Map<string, ChangedValidity>();
  const total = plan.tables.reduce((sum, table) => sum + table.build.length, 0);
  let done = 0;

  const streamOf = (topic: string): { readonly stream: StreamPlan; readonly dataset: TopicDataset } => {
    const stream = plans.find((each) => each.stream.topic === topic);
    const dataset = datasets.get(topic);
    if (stream === undefined || dataset === undefined) throw new RunOptionError("building tables", `the topic "${topic}" is not among the streams of this batch layer`);
    return { stream, dataset };
  };
  /** A stream's events of some dates (all, without). */
  const eventsOf = (topic: string, dates: ReadonlySet<string> | undefined): { readonly scan: string; readonly parts: readonly MasterFile[] } => {
    const { stream, dataset } = streamOf(topic);
    const parts = [...dataset.filesByDate(cut, dates).values()].flat();
    return { scan: masterScan(files, engine.dialect, stream, parts, cut), parts };
  };
  const checked = new Set<string>();
  /** Counts a stream's events of some dates (all, without) against the manifests, each date once in a run. */
  const checkEvents = async (topic: string, dates: ReadonlySet<string> | undefined): Promise<void> => {
    const { stream, dataset } = streamOf(topic);
    const unchecked = [...dataset.filesByDate(cut, dates)].filter(([date]) => !checked.has(`${topic} ${date}`));
    for (const some of groups(unchecked)) {
      checks.push(...(await checkRowsRead(engine, stream, masterScan(files, engine.dialect, stream, some.flatMap(([, parts]) => parts), cut), new Map(some), signal)));
      for (const [date] of some) checked.add(`${topic} ${date}`);
    }
  };

  const finish = (table: TablePlan, built: Readonly<Record<string, TableVersion>>) => {
    const kept = Object.entries(bases.of.get(table.name)?.table.versions ?? {}).filter(([date]) => !table.drop.includes(date) && built[date] === undefined);
    const versions = Object.fromEntries([...kept, ...Object.entries(built)].sort(([a], [b]) => (a < b ? -1 : 1)));
    const { name, kind, partitioned, fingerprint } = table;
    tables.set(name, { name, kind, partitioned, fingerprint, versions });
    builtDates.set(name, new Set([...Object.keys(built), ...table.drop]));
  };
  const toVersion = (written: { readonly files: readonly { readonly path: string; readonly bytes: number }[]; readonly rows: number }): TableVersion => ({
    version,
    rows: written.rows,
    files: written.files.map(({ path }) => path),
    bytes: written.files.reduce((sum, { bytes }) => sum + bytes, 0),
  });
  const sideBySide = engine.statementsAtOnce ?? 1;
  /** Told one after another, also where dates are built side by side. */
  let told = Promise.resolve();
  const step = (table: TablePlan, date: string) => (told = told.then(() => onStep({ table, date, done: ++done, total })));

  for (const view of views) {
    const table = plan.tables.find(({ name, kind }) => name === view.name && kind === "view")!;
    const built: Record<string, TableVersion> = {};
    if (table.build.length > 0) await checkEvents(view.from.topic, new Set(table.build));
    // Folding takes this process's memory, for each at a time.
    const atOnce = table.build.some((date) => table.folded[date] !== undefined) ? 1 : sideBySide;
    await inTurns(table.build, atOnce, signal, async (date, either) => {
      const { scan, parts } = eventsOf(view.from.topic, new Set([date]));
      const folder = tableVersionFolder(view.name, version, date);
      if (table.folded[date] === undefined) {
        built[date] = toVersion(await engine.writeTable(viewSelect(view, scan, engine.dialect), folder, either));
      } else {
        // Arrow and Parquet are loaded only where they are needed.
        const { foldView } = await import("./fold-view.js");
        const scratch = `runs/${version}/${view.name}-${date}.parquet`;
        const stream = plans.find((each) => each.stream.topic === view.from.topic)!;
        built[date] = toVersion(await foldView({ files, engine, view, plan: stream, date, parts, cut, scratch, folder }, either));
      }
      await step(table, date);
    });
    finish(table, built);
  }
  for (const model of modelOrder(models)) {
    const table = plan.tables.find(({ name, kind }) => name === model.name && kind === "model")!;
    const built: Record<string, TableVersion> = {};
    const dates = [...new Set([...table.build, ...differing(model, table)])].sort();
    if (dates.length > 0) {
      const read = dates.includes(WHOLE) ? undefined : new Set(dates.flatMap((date) => [...datesRead(date, model.reach)]));
      for (const source of Object.values(model.from)) if (source.from === "stream") await checkEvents(source.stream.topic, read);
    }
    const statementOf = (date: string): { readonly select: string; readonly events: number } => {
      const read = date === WHOLE ? undefined : datesRead(date, model.reach);
      const inputs: Record<string, string> = {};
      let events = 0;
      for (const [input, source] of Object.entries(model.from)) {
        if (source.from === "stream") {
          const { scan, parts } = eventsOf(source.stream.topic, read);
          inputs[input] = scan;
          if (input === model.oneRowPer) for (const part of parts) if (date === WHOLE || part.date === date) events += part.rows;
        } else {
          const other = tables.get(source.model.name)!;
          const scan = tableScan(files, engine, source.model, other, other.partitioned === "whole" ? undefined : read);
          inputs[input] = source.model.valid === undefined || read === undefined ? scan : rowsThatHold(source.model, scan, spanOf(read), engine);
        }
      }
      return { select: model.sql(inputs, engine.dialect), events };
    };
    // The dates of a table differ in the files that are read, and in nothing that an engine could describe otherwise.
    if (dates.length > 0) await checkColumns(engine, model, statementOf(dates[0]!).select, signal);
    const hasReach = model.reach.before + model.reach.after > 0;
    const rowChecks = await inTurns(dates, sideBySide, signal, async (date, either) => {
      const { select, events } = statementOf(date);
      const interval = date === WHOLE || !hasReach ? undefined : intervalOf(date);
      const folder = tableVersionFolder(model.name, version, date === WHOLE ? undefined : date);
      const made = toVersion(await engine.writeTable(modelSelect(model, select, engine.dialect, interval), folder, either));
      const check = model.oneRowPer === undefined ? [] : [checkOneRowPerEvent(model, date, made.rows, events)];
      built[date] = made;
      await step(table, date);
      return check;
    });
    checks.push(...rowChecks.flat());
    const whole = built[WHOLE];
    if (whole !== undefined && (await isAsBefore(model, table, whole))) {
      // It keeps its version, so what reads it need not be built again.
      await files.remove(tableVersionFolder(model.name, version), signal);
      delete built[WHOLE];
    }
    finish(table, built);
    const before = table.reason === "full" ? undefined : bases.of.get(model.name)?.table;
    if (model.valid !== undefined && built[WHOLE] !== undefined && before?.versions[WHOLE] !== undefined) {
      validity.set(model.name, await changedValidity({ files, engine, model, before, after: tables.get(model.name)! }, signal));
    }
  }
  return { tables: [...tables.values()], checks, changed: new Map([...builtDates].filter(([, dates]) => dates.size > 0)) };

  /** What must be built because a table that the model reads came out different. */
  function differing(model: ModelDefinition, table: TablePlan): readonly string[] {
    const inputs = Object.values(model.from).flatMap((input) => (input.from === "model" && builtDates.get(input.model.name)!.size > 0 ? [input.model.name] : []));
    if (model.partitioned === "whole") return inputs.length > 0 ? table.ifInputsDiffer : [];
    const dates = new Set<string>();
    const changes: ChangedValidity[] = [];
    for (const input of inputs) {
      const changed = builtDates.get(input)!;
      if (!changed.has(WHOLE)) for (const date of changed) dates.add(date);
      else if (validity.has(input)) changes.push(validity.get(input)!);
      else return table.ifInputsDiffer;
    }
    return table.ifInputsDiffer.filter((date) => [...datesRead(date, model.reach)].some((read) => dates.has(read) || changes.some((changed) => changed(read))));
  }

  async function isAsBefore(model: ModelDefinition, { reason }: TablePlan, made: TableVersion): Promise<boolean> {
    const before = reason === "full" ? undefined : bases.of.get(model.name)?.table.versions[WHOLE];
    if (before === undefined || before.rows !== made.rows) return false;
    const columns = modelTableColumns(model, engine.dialect);
    const rowsOf = ({ files: paths }: TableVersion) => `(SELECT * FROM ${engine.dialect.scan(paths.map((path) => files.uri(path)), columns)} AS t)`;
    // As many rows on both sides, so one direction tells.
    const differ = await collectRows(engine, `SELECT 1 AS x FROM (${rowsOf(made)} EXCEPT ALL ${rowsOf(before)}) AS d LIMIT 1`, signal);
    return differ.length === 0;
  }
}

/** Dates with their files, as many together as have at most {@link FILES_CHECKED}, at least one. */
function groups(dates: readonly (readonly [string, readonly MasterFile[]])[]): readonly (readonly (readonly [string, readonly MasterFile[]])[])[] {
  const all: (readonly [string, readonly MasterFile[]])[][] = [];
  let inLast = Infinity;
  for (const each of dates) {
    inLast += each[1].length;
    if (inLast > FILES_CHECKED) {
      all.push([]);
      inLast = each[1].length;
    }
    all.at(-1)!.push(each);
  }
  return all;
}

/** From the first of these dates to the last, epoch ms. */
function spanOf(dates: ReadonlySet<string>): { readonly from: number; readonly until: number } {
  const intervals = [...dates].map(intervalOf);
  return { from: Math.min(...intervals.map(({ from }) => from)), until: Math.max(...intervals.map(({ until }) => until)) };
}

async function checkColumns(engine: SqlEngine, model: ModelDefinition, select: string, signal: AbortSignal): Promise<void> {
  if (model.reach.before + model.reach.after > 0 && dateColumn(model) === undefined) {
    throw new ModelColumnsError(model.name, ["with a reach it sees neighbouring dates, so it needs a timestamp column that says to which date a row belongs"]);
  }
  const { columns, blocks } = await engine.query(`SELECT * FROM (${select}) AS described LIMIT 0`, signal);
  // Some engines hold a session until the rows are read.
  for await (const rows of blocks) void rows;
  const problems = columnProblems(model, columns);
  if (problems.length > 0) throw new ModelColumnsError(model.name, problems);
}
