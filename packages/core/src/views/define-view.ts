import { checkColumnName, checkDistinct, checkIdentifier, describe, unknownName } from "../configuration/names.js";
import { fingerprintOf } from "../configuration/fingerprint.js";
import { Problems } from "../configuration/problems.js";
import type { ColumnExpression } from "../expressions/column.js";
import type { Refs } from "../expressions/column.js";
import { columnReferences } from "../expressions/column-references.js";
import { predicateExpression } from "../expressions/predicate.js";
import type { Predicate } from "../expressions/predicate.js";
import type { PredicateNode } from "../expressions/predicate-node.js";
import { coordinateName } from "../measures/coordinate-name.js";
import { MeasureExpression } from "../measures/measure.js";
import type { Measure } from "../measures/measure.js";
import type { CoordinateDefinition, MeasureCell, MeasureDefinition } from "../measures/measure-definition.js";
import type { carried, Show } from "../streams/carried-type.js";
import type { Columns, Stream } from "../streams/stream.js";
import type { StreamDefinition } from "../streams/stream-definition.js";
import { streamIdentity } from "../streams/stream-identity.js";
import { EVERY_MS } from "./view-definition.js";
import type { Every, ViewDefinition } from "./view-definition.js";
import type { View } from "./view.js";

/**
 * Raised when the bytes of cells or the order and meaning of stored columns change: every view is then rebuilt. It is
 * part of every fingerprint.
 */
export const LAYOUT_VERSION = 1;

type Dims<C extends Columns, B extends string, P> = { [N in B]: N extends P ? C[N][typeof carried] & {} : C[N][typeof carried] };

/** What {@link defineView} takes. */
export interface ViewDeclaration<Name extends string, C extends Columns, E extends Every, M, B extends string, P extends string> {
  /** An identifier: stores and SQL engines name tables after it. */
  readonly name: Name;
  readonly from: Stream<C>;
  /** Which events belong to the view. Columns that it proves not null are not null in answers. Default: all. */
  readonly where?: (c: Refs<C>) => Predicate<P>;
  /** The dimensions, in the order of the answer's columns. No `float64`: equal keys must be equal in every engine. */
  readonly by: readonly B[];
  /** Length of the stored windows. Longer ones are made of them when asking. */
  readonly every: E;
  /** What is aggregated, by the names that answers have. */
  readonly measures: (c: Refs<C>) => M & { [Taken in B | "window"]?: "this name is already a column of the answer" };
}

/**
 * An aggregate declared once: the speed layer keeps it fresh, the batch layer recomputes it, and the serving layer
 * answers from both.
 *
 * @example
 * const songChart = defineView({
 *   name: "song_chart", from: plays, where: (c) => c.song.isNotNull(), by: ["song", "artist"], every: "minute",
 *   measures: (c) => ({ plays: count(), seconds: sum(c.duration) }),
 * });
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineView<
  const Name extends string,
  C extends Columns,
  E extends Every,
  M extends Record<string, Measure>,
  const B extends { [N in keyof C & string]: C[N]["kind"] extends "float64" ? never : N }[keyof C & string],
  const P extends string = never,
>(
  declaration: ViewDeclaration<Name, C, E, M, B, P>,
): View<Name, Show<Dims<C, B, P>>, Show<{ -readonly [N in keyof M]: M[N][typeof carried] }>, E> {
  const problems = new Problems();
  const { name, every } = declaration;
  checkIdentifier(name, "name", problems);
  if (!Object.hasOwn(EVERY_MS, every)) problems.add("every", `${describe(every)} is none of "second", "minute", "hour"`);
  const from = streamOf(declaration.from, problems);
  const by = checkDimensions(declaration.by, from, problems);
  const where = resolveWhere(declaration.where as ((c: never) => unknown) | undefined, from, problems);
  const measures = resolveMeasures(declaration.measures as (c: never) => unknown, from, problems);
  checkDistinct(
    [
      ...by.map((column, i) => ({ name: column, path: `by[${i}]` })),
      // A cell that has its measure's name is told once, as the measure.
      ...measures.map((measure) => ({ name: measure.name, path: `measures.${measure.name}` })),
      ...measures.flatMap((measure) =>
        measure.cells.filter((cell) => cell.name !== measure.name).map((cell) => ({ name: cell.name, path: `measures.${measure.name}` })),
      ),
    ],
    problems,
  );
  problems.throwIfAny(`defining view ${describe(name)}`);

  const cells = measures.flatMap((measure) => measure.cells);
  const definition: ViewDefinition = Object.freeze({
    name,
    from,
    by,
    every,
    measures,
    cells,
    coordinates: coordinatesOf(cells),
    ...(where === undefined ? {} : { where }),
    fingerprint: fingerprintOf({
      layout: LAYOUT_VERSION,
      stream: streamIdentity(from),
      view: { name, where, by, every },
      measures: measures.map((measure) => [measure.name, measure.identity]),
    }),
  });
  return Object.freeze({ name, definition }) as View<Name, Show<Dims<C, B, P>>, Show<{ -readonly [N in keyof M]: M[N][typeof carried] }>, E>;
}

function streamOf(stream: Stream<Columns>, problems: Problems): StreamDefinition {
  const definition = (stream as Stream<Columns> | undefined)?.definition;
  if (definition?.columns !== undefined) return definition;
  problems.add("from", "must be a stream that defineStream made");
  problems.throwIfAny("defining a view");
  throw new TypeError("a view without a stream");
}

function checkDimensions(by: readonly string[], { columns }: StreamDefinition, problems: Problems): readonly string[] {
  if (!Array.isArray(by)) {
    problems.add("by", "must be a list of column names; [] for one total a window");
    return [];
  }
  by.forEach((name: unknown, i) => {
    const path = `by[${i}]`;
    const column = typeof name === "string" && Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) problems.add(path, `no column ${unknownName(String(name), Object.keys(columns))}`);
    else if (column.kind === "float64") problems.add(path, `"${String(name)}" is float64, which cannot be a dimension: declare decimal(scale)`);
  });
  return Object.freeze([...by]);
}

function resolveWhere(where: ((c: never) => unknown) | undefined, from: StreamDefinition, problems: Problems): PredicateNode | undefined {
  if (where === undefined) return undefined;
  if (typeof where !== "function") {
    problems.add("where", "must be a function of the columns: (c) => c.song.isNotNull()");
    return undefined;
  }
  const predicate = predicateExpression(where(references("where", from, problems)));
  for (const problem of predicate.problems) problems.add("where", problem);
  checkOwnColumns("where", predicate.columns, from, problems);
  return predicate.node;
}

function resolveMeasures(measures: (c: never) => unknown, from: StreamDefinition, problems: Problems): readonly MeasureDefinition[] {
  const declared: unknown = typeof measures === "function" ? measures(references("measures", from, problems)) : undefined;
  if (typeof declared !== "object" || declared === null) {
    problems.add("measures", "must be a function of the columns that gives measures by name: (c) => ({ plays: count() })");
    return [];
  }
  const entries = Object.entries(declared as Record<string, unknown>);
  if (entries.length === 0) problems.add("measures", "there must be at least one");
  const resolved: MeasureDefinition[] = [];
  for (const [name, measure] of entries) {
    const path = `measures.${name}`;
    checkColumnName(name, path, problems);
    if (name.includes("__")) problems.add(path, `"${name}" has "__" in it, which parts the names of a measure's own columns`);
    if (!(measure instanceof MeasureExpression)) {
      problems.add(path, `${describe(measure)} is not a measure such as count()`);
      continue;
    }
    for (const problem of measure.problems) problems.add(path, problem);
    checkOwnColumns(path, measure.columns, from, problems);
    const { cells, present, presentation } = measure.named(name);
    const conditions = cells.map((cell) => cell.where ?? null);
    const identity = conditions.some((where) => where !== null) ? `${measure.identity} where ${fingerprintOf(conditions)}` : measure.identity;
    resolved.push(Object.freeze({ name, cells, present, identity, ...(presentation === undefined ? {} : { presentation }) }));
  }
  return resolved;
}

function references(path: string, from: StreamDefinition, problems: Problems): never {
  return columnReferences(from.columns, (name) => problems.add(path, `no column ${unknownName(name, Object.keys(from.columns))}`)) as never;
}

/** A reference kept from another stream's `where` names a column that need not be this stream's. */
function checkOwnColumns(path: string, columns: readonly ColumnExpression[], from: StreamDefinition, problems: Problems): void {
  for (const { name, definition } of columns) {
    if (definition !== undefined && from.columns[name] !== definition) problems.add(path, `"${name}" is a column of another stream`);
  }
}

function coordinatesOf(cells: readonly MeasureCell[]): readonly CoordinateDefinition[] {
  const found = new Map<string, CoordinateDefinition>();
  for (const { input } of cells) if (input.of === "coordinate") found.set(coordinateName(input.coordinate), input.coordinate);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, coordinate]) => coordinate);
}
