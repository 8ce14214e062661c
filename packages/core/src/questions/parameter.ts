import type { carried } from "../streams/carried-type.js";

/** A parameter of a question, resolved. */
export interface ParameterDefinition {
  readonly kind: "count" | "text" | "flag" | "choice";
  /** One sentence for whoever asks. */
  readonly doc: string;
  /** What holds where it is not given; null: nothing. */
  readonly default: number | string | boolean | null;
  /** Of a choice: what there is. */
  readonly values?: readonly string[];
}

/** A parameter that a question has of its own, with values of type `T`. The functions of {@link parameter} make it. */
export interface Parameter<T = unknown> {
  readonly [carried]: T;
  readonly definition: ParameterDefinition;
}

/** A question's own parameters by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of parameters, as a question's SQL or filter is given them. */
export type ParameterValues<P extends Parameters> = { readonly [N in keyof P]: P[N][typeof carried] };

/** What is said of a parameter; a default of null lets it be left out, and the question is given null then. */
interface Declared<T> {
  readonly doc: string;
  readonly default: T;
}

/** Whether a parameter may be left out for nothing. */
type OrNull<T> = Extract<T, null>;

/** The only place where a parameter takes on the type that it carries. */
const made = <T>(kind: ParameterDefinition["kind"], { doc, default: byDefault }: Declared<unknown>, values?: readonly string[]): Parameter<T> =>
  ({ definition: Object.freeze({ kind, doc, default: byDefault, ...(values === undefined ? {} : { values: Object.freeze([...values]) }) }) }) as unknown as Parameter<T>;

/**
 * What a question can be told besides its range, granularity, zone and limit.
 *
 * @example
 * parameters: { state: parameter.text({ doc: "Only plays from this state", default: null }) }
 */
export const parameter = {
  /** A whole number of 0 or more. */
  count: <T extends number | null>(declared: Declared<T>): Parameter<number | OrNull<T>> => made("count", declared),
  text: <T extends string | null>(declared: Declared<T>): Parameter<string | OrNull<T>> => made("text", declared),
  /** True or false. */
  flag: (declared: Declared<boolean>): Parameter<boolean> => made("flag", declared),
  /** One of these texts. */
  oneOf: <const V extends string, T extends NoInfer<V> | null>(values: readonly V[], declared: Declared<T>): Parameter<V | OrNull<T>> => made("choice", declared, values),
} as const;
