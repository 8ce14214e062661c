import { presentValue, tableIn, type AnsweredBy, type Clock, type ColumnDefinition, type EventLog, type FileSystem, type Generation, type Literal, type ModelDefinition, type QuestionDefinition, type ResolvedParameters, type ServedGenerations, type SqlDialect, type SqlEngine } from "@millrace/core";
import { dimensionOf } from "../batch/batch-rows.js";
import type { ManifestWatermarks } from "../chain/manifest-watermarks.js";
import { planWindows } from "../planner/plan-windows.js";
import { RowLimitError } from "../planner/row-limit-error.js";
import type { PreparedQuery } from "../serving.js";
import { TableNotBuiltError } from "../table/table-not-built-error.js";
import { streamsOf, warehouseEnvelope } from "./warehouse-envelope.js";

/** What questions over models are answered from. */
export interface WarehouseSource {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly generations: ServedGenerations;
  readonly watermarks: ManifestWatermarks;
  /** Rows of one answer, at most. */
  readonly maxRows: number;
}

const WINDOW = "window_start";

/** A question over models: one statement over the tables of one generation. */
export function prepareModelQuestion(source: WarehouseSource, question: QuestionDefinition, answeredBy: Extract<AnsweredBy, { by: "models" }>, asked: ResolvedParameters): Pick<PreparedQuery, "look"> {
  const { log, files, engine, clock, generations, watermarks, maxRows } = source;
  const { dialect } = engine;
  const columns = Object.entries(answeredBy.columns);
  const streams = streamsOf(Object.values(answeredBy.from));
  return {
    async look(signal) {
      const current = await generations.current(signal);
      const read = Object.values(answeredBy.from).map(({ name, fingerprint }) => ({ name, kind: "model", fingerprint }) as const);
      // Where the current one was built from other declarations, the last one that has these models as they are declared here.
      const generation = current && ((await generations.having(read, streams.map(({ topic }) => topic), current, signal)) ?? current);
      const tables = Object.fromEntries(Object.entries(answeredBy.from).map(([name, model]) => [name, scanOf(model, generation, files, dialect)]));
      const envelope = await warehouseEnvelope({ log, clock, watermarks }, streams, generation!, asked.until, signal);
      return {
        state: `generation ${generation!.number}`,
        envelope,
        async answer(own) {
          const select = answeredBy.sql(tables, dialect, asked, (granularity, epochMs) => windowSql(question.name, asked, granularity, epochMs));
          const { blocks } = await engine.query(statement(question, columns, select, asked, maxRows, dialect), own);
          const rows: Record<string, unknown>[] = [];
          for await (const block of blocks) {
            own.throwIfAborted();
            for (const values of block) {
              const row: Record<string, unknown> = asked.granularity === "all" ? {} : { window: new Date(Number(values[0])) };
              columns.forEach(([name, column], i) => (row[name] = presentValue(column, dimensionOf(column, values[i + 1]!) as Literal | null)));
              rows.push(row);
            }
            if (rows.length > maxRows) throw new RowLimitError(question.name, "rows", maxRows);
          }
          return { rows, envelope };
        },
      };
    },
  };
}

/** @throws {TableNotBuiltError} */
function scanOf(model: ModelDefinition, generation: Generation | null, files: FileSystem, dialect: SqlDialect): string {
  if (generation === null) throw new TableNotBuiltError(model.name, "no generation was published yet");
  const table = tableIn(generation, { name: model.name, kind: "model", fingerprint: model.fingerprint });
  if (table === undefined) throw new TableNotBuiltError(model.name, `generation ${generation.number} does not have it as it is declared here`);
  const types = Object.fromEntries(Object.entries(model.columns).map(([name, column]) => [name, column.kind === "timestamp" ? "TIMESTAMP" : dialect.columnType(column)]));
  return dialect.scan(Object.values(table.versions).flatMap((version) => version.files.map((path) => files.uri(path))), types);
}

function windowSql(name: string, { from, until, zone }: ResolvedParameters, granularity: ResolvedParameters["granularity"], epochMs: string): string {
  const windows = planWindows({ granularity, zone, view: { name, every: "second" } }, from, until);
  return windows === undefined ? "CAST(0 AS BIGINT)" : windows.sql(epochMs);
}

function statement(question: QuestionDefinition, columns: readonly (readonly [string, ColumnDefinition])[], select: string, { limit }: ResolvedParameters, maxRows: number, dialect: SqlDialect): string {
  const id = (name: string) => dialect.identifier(name);
  const names = [WINDOW, ...columns.map(([name]) => name)];
  const cast = ({ 0: name, 1: column }: readonly [string, ColumnDefinition]) => (column.kind === "timestamp" ? id(name) : `CAST(${id(name)} AS ${dialect.columnType(column)}) AS ${id(name)}`);
  const typed = `SELECT ${[`CAST(${id(WINDOW)} AS BIGINT) AS ${id(WINDOW)}`, ...columns.map(cast)].join(", ")} FROM (${select}) AS asked`;
  const { orderBy } = question;
  const within = [...(orderBy === null ? [] : [`${id(orderBy.column)} ${orderBy.descending ? "DESC" : "ASC"} NULLS LAST`]), ...columns.map(([name]) => `${id(name)} ASC NULLS LAST`)].join(", ");
  const limited =
    limit === null
      ? typed
      : `SELECT ${names.map(id).join(", ")} FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY ${id(WINDOW)} ORDER BY ${within}) AS _rank FROM (${typed}) AS typed) AS ranked WHERE _rank <= ${limit}`;
  const given = [id(WINDOW), ...columns.map(([name, { kind }]) => (kind === "timestamp" ? `${dialect.epochMs(id(name))} AS ${id(name)}` : id(name)))];
  return `SELECT ${given.join(", ")} FROM (${limited}) AS answer ORDER BY ${id(WINDOW)} ASC, ${within} LIMIT ${maxRows + 1}`;
}
