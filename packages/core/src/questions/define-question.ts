import { checkColumnName, checkDistinct, checkIdentifier, describe, unknownName } from "../configuration/names.js";
import { Problems } from "../configuration/problems.js";
import { dialectHelper } from "../models/dialect.js";
import type { Dialect } from "../models/dialect.js";
import type { Model } from "../models/model.js";
import type { ModelDefinition } from "../models/model-definition.js";
import { tableOf } from "../models/model-table.js";
import type { ModelTable } from "../models/model-table.js";
import { NEUTRAL_DIALECT } from "../models/neutral-dialect.js";
import { SqlFragment, fragmentOf, sql, sqlOf } from "../models/sql.js";
import type { Sql } from "../models/sql.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { Show } from "../streams/carried-type.js";
import { resolveColumns } from "../streams/define-stream.js";
import type { Columns, Row } from "../streams/stream.js";
import type { CoarserThan, Granularity } from "../time-zones/granularity.js";
import { EVERY_MS } from "../views/view-definition.js";
import type { Every, ViewDefinition } from "../views/view-definition.js";
import type { AnyView, View } from "../views/view.js";
import type { Asked } from "./asked.js";
import type { Parameter, ParameterDefinition, Parameters, ParameterValues } from "./parameter.js";
import type { AnsweredBy, QuestionDefinition, ResolvedParameters } from "./question-definition.js";
import type { Question } from "./question.js";

type DimsOf<V> = V extends View<string, infer D, {}, Every> ? D : never;
type OutOf<V> = V extends View<string, {}, infer M, Every> ? M : never;
type EveryOf<V> = V extends View<string, {}, {}, infer E> ? E : never;

interface Common<Name extends string, P extends Parameters, G> {
  /** An identifier. */
  readonly name: Name;
  /** What it tells, in a sentence or two: help and API show it. */
  readonly doc: string;
  /** The question's own parameters, besides range, granularity, zone and limit. */
  readonly parameters?: P;
  /** Asked where none is named. */
  readonly granularity: G;
  /** Rows of each window where no limit is named. Default: all. */
  readonly limit?: number;
}

/** A question that views answer: exactly, with all that the log holds, from both layers. */
export interface ViewQuestionDeclaration<Name extends string, P extends Parameters, G, V extends AnyView, B extends string, M extends string> extends Common<Name, P, G> {
  /** Coarser ones first: the first that tells the range and the granularity exactly is asked. They have these columns in common. */
  readonly views: readonly V[];
  /** The dimensions of the answer, in order. */
  readonly by: readonly B[];
  /** The measures of the answer, in order. */
  readonly measures: readonly M[];
  /** Default: by window, then dimensions. */
  readonly orderBy?: `${B | M} ${"asc" | "desc"}`;
  /** Only rows with these values of dimensions; null in place of a value is null. */
  readonly where?: (parameters: ParameterValues<P>) => { readonly [N in keyof DimsOf<V>]?: DimsOf<V>[N] | readonly DimsOf<V>[N][] };
}

/** A question that SQL over models answers: as of the cut of the current generation. */
export interface ModelQuestionDeclaration<Name extends string, P extends Parameters, G, D extends Record<string, Model<string, Columns>>, C extends Columns> extends Common<Name, P, G> {
  /** What it reads, by the name that its SQL uses. */
  readonly from: D;
  /** The columns of the answer after its window, which the SELECT must give by these names. */
  readonly columns: C;
  /** Default: by the columns in order. */
  readonly orderBy?: `${keyof C & string} ${"asc" | "desc"}`;
  /** Default: all. */
  readonly granularities?: readonly (Granularity | "all")[];
  /**
   * The SELECT: `asked.window(...)` as `window_start`, then the columns. It must give the same SQL for the same parameters.
   */
  readonly sql: (tables: { readonly [T in keyof D]: ModelTable<D[T]> }, dialect: Dialect, asked: Asked<ParameterValues<P>>) => Sql;
}

/** What {@link defineQuestion} takes. */
export type QuestionDeclaration = ViewQuestionDeclaration<string, Parameters, Granularity | "all", AnyView, string, string> | ModelQuestionDeclaration<string, Parameters, Granularity | "all", Record<string, Model<string, Columns>>, Columns>;

const GRANULARITIES: readonly (Granularity | "all")[] = ["second", "minute", "hour", "day", "week", "month", "year", "all"];
const COMMON_PARAMETERS = ["from", "until", "granularity", "zone", "limit"];

/**
 * A named question with a documented shape, which is asked by name from programs, the command line and over HTTP.
 *
 * @example
 * const topSongs = defineQuestion({
 *   name: "top_songs", doc: "The songs that were played most.", views: [songChart],
 *   by: ["artist", "song"], measures: ["plays"], orderBy: "plays desc", limit: 10, granularity: "day",
 * });
 *
 * @example
 * const songsPerUser = defineQuestion({
 *   name: "songs_per_user", doc: "Plays a listener.", from: { listens: factListen }, columns: { songs: float64() }, granularity: "day",
 *   sql: ({ listens }, d, asked) => sql`
 *     select ${asked.window(listens.ts)} as window_start, cast(count(*) as double) / count(distinct ${listens.user_key}) as songs
 *     from ${listens} where ${asked.within(listens.ts)} group by 1`,
 * });
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineQuestion<
  const Name extends string,
  V extends AnyView,
  const B extends keyof DimsOf<V> & string,
  const M extends keyof OutOf<V> & string,
  const G extends CoarserThan<EveryOf<V>> | "all",
  P extends Parameters = {},
>(declaration: ViewQuestionDeclaration<Name, P, G, V, B, M>): Question<Name, P, Show<Pick<DimsOf<V>, B> & Pick<OutOf<V>, M>>, G>;
export function defineQuestion<
  const Name extends string,
  D extends Record<string, Model<string, Columns>>,
  const C extends Columns,
  const G extends Granularity | "all",
  P extends Parameters = {},
>(declaration: ModelQuestionDeclaration<Name, P, G, D, C>): Question<Name, P, Row<C>, G>;
export function defineQuestion(declaration: QuestionDeclaration): Question<string, Parameters, unknown, Granularity | "all"> {
  const problems = new Problems();
  const { name, doc, limit, granularity } = declaration;
  checkIdentifier(name, "name", problems);
  if (typeof doc !== "string" || doc.trim() === "") problems.add("doc", "a sentence that says what the question tells is needed");
  const parameters = resolveParameters(declaration.parameters ?? {}, problems);
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1)) problems.add("limit", `must be a whole number of at least 1, not ${describe(limit)}`);

  const { answeredBy, columns, granularities } = "views" in declaration ? overViews(declaration, problems) : overModels(declaration, parameters, problems);
  if (!granularities.includes(granularity)) problems.add("granularity", `${describe(granularity)} is none of ${granularities.map(describe).join(", ")}`);
  const orderBy = resolveOrder(declaration.orderBy, columns, problems);
  problems.throwIfAny(`defining question ${describe(name)}`);

  const definition: QuestionDefinition = Object.freeze({ name, doc: doc.trim().replace(/\s+/g, " "), granularities, granularity, limit: limit ?? null, orderBy, parameters, answeredBy });
  // The types that it carries have no value.
  return Object.freeze({ name, definition }) as Question<string, Parameters, unknown, Granularity | "all">;
}

interface Answering {
  readonly answeredBy: AnsweredBy;
  readonly columns: readonly string[];
  readonly granularities: readonly (Granularity | "all")[];
}

function overViews({ views, by, measures, where }: ViewQuestionDeclaration<string, Parameters, unknown, AnyView, string, string>, problems: Problems): Answering {
  const definitions: ViewDefinition[] = [];
  if (!Array.isArray(views) || views.length === 0) problems.add("views", "must be a list of at least one view");
  else {
    views.forEach((view: AnyView | undefined, i) => {
      const definition = view?.definition;
      if (definition === undefined || !("cells" in definition)) problems.add(`views[${i}]`, `${describe(view)} is not a view`);
      else definitions.push(definition);
    });
  }
  for (const [i, { name, every }] of definitions.entries()) {
    const before = definitions[i - 1];
    if (before !== undefined && EVERY_MS[before.every] <= EVERY_MS[every]) problems.add(`views[${i}]`, `"${name}" is by the ${every} and so not finer than "${before.name}" before it: coarser ones come first`);
  }
  const known = (path: string, names: unknown, of: (view: ViewDefinition) => readonly string[]): readonly string[] => {
    if (!Array.isArray(names)) {
      problems.add(path, "must be a list of names");
      return [];
    }
    (names as readonly unknown[]).forEach((one, n) => {
      for (const view of definitions) if (!of(view).includes(String(one))) problems.add(`${path}[${n}]`, `"${view.name}" has no ${unknownName(String(one), of(view))}`);
    });
    return Object.freeze([...(names as string[])]);
  };
  const dimensions = known("by", by, (view) => view.by);
  const chosen = known("measures", measures, (view) => view.measures.map((measure) => measure.name));
  if (chosen.length === 0) problems.add("measures", "there must be at least one");
  if (where !== undefined && typeof where !== "function") problems.add("where", "must be a function of the parameters");
  const finest = definitions.at(-1)?.every ?? "second";
  return {
    answeredBy: { by: "views", views: definitions, dimensions, measures: chosen, where: (own) => where?.(own as never) ?? {} },
    columns: [...dimensions, ...chosen],
    granularities: GRANULARITIES.slice(GRANULARITIES.indexOf(finest)),
  };
}

function overModels(declaration: ModelQuestionDeclaration<string, Parameters, unknown, Record<string, Model<string, Columns>>, Columns>, parameters: Readonly<Record<string, ParameterDefinition>>, problems: Problems): Answering {
  const from: Record<string, ModelDefinition> = {};
  for (const [table, model] of Object.entries(declaration.from ?? {})) {
    checkIdentifier(table, `from.${table}`, problems);
    const definition = (model as Model<string, Columns> | undefined)?.definition;
    if (definition === undefined || "topic" in definition) problems.add(`from.${table}`, `${describe(model)} is not a model`);
    else from[table] = definition;
  }
  if (Object.keys(from).length === 0) problems.add("from", "there must be at least one model");
  const columns = resolveColumns(declaration.columns, problems, ["window", "window_start"]);
  const select = (tables: Readonly<Record<string, string>>, dialect: SqlDialect, asked: Asked, found?: Problems): string => {
    const given = Object.fromEntries(Object.entries(from).map(([table, model]) => [table, tableOf(table, { from: "model", model }, found)]));
    const written: unknown = declaration.sql(given as never, dialectHelper, asked as never);
    if (!(written instanceof SqlFragment)) {
      found?.add("sql", "must give what the sql`...` template makes");
      return "";
    }
    for (const problem of written.problems) found?.add("sql", problem);
    return written.print({ dialect, tables });
  };
  if (typeof declaration.sql !== "function") problems.add("sql", "must be a function of the tables, the dialect and what was asked");
  else if (Object.keys(from).length > 0) {
    const own = Object.fromEntries(Object.entries(parameters).map(([name, { default: byDefault }]) => [name, byDefault]));
    const tables = Object.fromEntries(Object.keys(from).map((table) => [table, `<${table}>`]));
    select(tables, NEUTRAL_DIALECT, askedOf({ from: 0, until: 1, granularity: "day", zone: "UTC", limit: null, own }, (granularity, epochMs) => `window(${granularity}, ${epochMs})`), problems);
  }
  const granularities = declaration.granularities ?? GRANULARITIES;
  for (const granularity of granularities) if (!GRANULARITIES.includes(granularity)) problems.add("granularities", `${describe(granularity)} is none of ${GRANULARITIES.map(describe).join(", ")}`);
  return {
    answeredBy: { by: "models", from: Object.freeze(from), columns, sql: (tables, dialect, asked, windows) => select(tables, dialect, askedOf(asked, windows)) },
    columns: Object.keys(columns),
    granularities: GRANULARITIES.filter((granularity) => granularities.includes(granularity)),
  };
}

function askedOf({ from, until, granularity, zone, own }: ResolvedParameters, windows: (granularity: Granularity | "all", epochMs: string) => string): Asked {
  const range = { from: new Date(from), until: new Date(until) };
  return {
    ...range,
    granularity,
    zone,
    parameters: own,
    window: (instant, asked = granularity as Granularity) => {
      const fragment = fragmentOf(instant);
      return sqlOf(new SqlFragment((context) => windows(asked, context.dialect.epochMs(fragment.print(context))), fragment.problems));
    },
    within: (instant) => sql`(${instant} >= ${range.from} and ${instant} < ${range.until})`,
  };
}

function resolveParameters(declared: Parameters, problems: Problems): Readonly<Record<string, ParameterDefinition>> {
  const resolved: Record<string, ParameterDefinition> = {};
  for (const [name, given] of Object.entries(declared)) {
    const path = `parameters.${name}`;
    checkColumnName(name, path, problems, COMMON_PARAMETERS);
    const definition = (given as Parameter | undefined)?.definition;
    if (definition === undefined) problems.add(path, `${describe(given)} is not a parameter such as parameter.count({ ... })`);
    else resolved[name] = definition;
  }
  checkDistinct(Object.keys(resolved).map((name) => ({ name, path: `parameters.${name}` })), problems);
  return Object.freeze(resolved);
}

function resolveOrder(declared: string | undefined, columns: readonly string[], problems: Problems): QuestionDefinition["orderBy"] {
  if (declared === undefined) return null;
  const [, column, direction] = /^(\S+) (asc|desc)$/.exec(declared) ?? [];
  if (column !== undefined && columns.includes(column)) return { column, descending: direction === "desc" };
  problems.add("orderBy", `${describe(declared)} is not a column of the answer with "asc" or "desc"; there is ${columns.map(describe).join(", ")}`);
  return null;
}
