import type { Column } from "../expressions/column.js";
import { checkIdentifier } from "../configuration/names.js";
import { Problems } from "../configuration/problems.js";
import type { carried } from "../streams/carried-type.js";
import type { ColumnType } from "../streams/column-type.js";
import { inputColumn } from "./input-column.js";
import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import type { CustomMeasureDefinition } from "./measure-definition.js";

/** A measure of your own. It must obey the laws that `measureLaws` of `@millrace/core/testing` checks. */
export interface MeasureDeclaration<In extends readonly ColumnType[], S, Out> {
  readonly name: string;
  /** Raise it when the meaning or the encoding changes: views are then rebuilt. Default 1. */
  readonly version?: number;
  /** The columns that `add` takes, by type. `.optional()` ones take null as well. */
  readonly input: In;
  /** The state before any event, new at every call. */
  readonly zero: () => S;
  /** The state with one more event; it may change and return the state it was given. */
  readonly add: (state: S, ...values: { [I in keyof In]: In[I][typeof carried] }) => S;
  /** Associative, commutative, with `zero()` neutral. It may change and return `a`, never `b`. */
  readonly merge: (a: S, b: S) => S;
  /** What users see of a merged state. It must not change it. */
  readonly present: (state: S) => Out;
  /** The same bytes for equal states, whatever order made them. */
  readonly encode: (state: S) => Uint8Array;
  /** The state that `encode` wrote; of this `version` only. */
  readonly decode: (bytes: Uint8Array) => S;
}

/**
 * A measure of your own, called in a view like the built-in ones.
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineMeasure<const In extends readonly ColumnType[], S, Out>(
  declaration: MeasureDeclaration<In, S, Out>,
): (...columns: { [I in keyof In]: Column<string, In[I]["kind"], In[I][typeof carried]> }) => Measure<Out> {
  const { name: kind, version = 1, input } = declaration;
  const wrong = new Problems();
  checkIdentifier(kind, "name", wrong);
  if (!Number.isSafeInteger(version) || version < 1) wrong.add("version", "must be a whole number of at least 1");
  for (const part of ["zero", "add", "merge", "present", "encode", "decode"] as const) {
    if (typeof declaration[part] !== "function") wrong.add(part, "must be a function");
  }
  if (!Array.isArray(input) || input.some((column) => column?.definition === undefined)) wrong.add("input", "must be a list of column types such as text()");
  wrong.throwIfAny(`defining measure "${String(kind)}"`);

  const custom: CustomMeasureDefinition = {
    input: input.map(({ definition }) => ({ source: { in: "value", path: [] }, ...definition })),
    zero: declaration.zero,
    add: declaration.add as CustomMeasureDefinition["add"],
    merge: declaration.merge as CustomMeasureDefinition["merge"],
    encode: declaration.encode as CustomMeasureDefinition["encode"],
    decode: declaration.decode,
  };
  return (...columns) => {
    const given = input.map((type, i) => {
      const column = inputColumn(kind, columns[i]!, [type.kind]);
      const { expression, definition } = column;
      const problems = [...column.problems];
      if (expression.definition !== undefined && problems.length === 0) {
        if (definition.optional && !type.definition.optional) problems.push(`${kind} takes no null; "${expression.name}" is optional`);
        if (definition.as !== type.definition.as) problems.push(`${kind} takes ${type.kind} as ${type.definition.as}; "${expression.name}" is ${definition.as}`);
      }
      return { expression, definition, problems };
    });
    const names = given.map(({ expression }) => expression.name);
    return measure({
      columns: given.map(({ expression }) => expression),
      problems: [
        ...given.flatMap(({ problems }) => problems),
        ...(columns.length === input.length ? [] : [`${kind} takes ${input.length} columns, not ${columns.length}`]),
      ],
      identity: `${kind}@${version}(${names.join(", ")})`,
      named: (name) => ({
        // The values present as the columns given declare: a decimal's scale is the column's, not the measure's.
        cells: [
          {
            name,
            type: "bytes",
            combine: "custom",
            input: { of: "values", columns: names },
            custom: { ...custom, input: given.map(({ definition }) => definition) },
          },
        ],
        present: ([bytes]) => declaration.present(bytes instanceof Uint8Array ? declaration.decode(bytes) : declaration.zero()),
      }),
    });
  };
}
