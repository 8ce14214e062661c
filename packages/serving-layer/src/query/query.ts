import type { AnyView, CoarserThan, Granularity, View } from "@millrace/core";
import type { Observable } from "rxjs";
import type { Answer } from "./answer.js";

type Show<T> = { [K in keyof T]: T[K] } & {};

/** The view `N` of `Vs`, taken apart. */
export type Parts<Vs, N> = Extract<Vs, { name: N }> extends View<string, infer D extends {}, infer M extends {}, infer E> ? { dims: D; out: M; every: E } : never;

/** A row of an answer: its window unless it is a total, the dimensions asked for, every measure, and where asked its split. */
export type AnsweredRow<P extends { dims: {}; out: {} }, B, G, S = false> = Show<
  (G extends "all" ? {} : { window: Date }) & Pick<P["dims"], B & keyof P["dims"]> & P["out"] & (S extends true ? { split: Split<P["out"]> } : {})
>;

/**
 * How much of a row each layer holds, for the measures that add up (counts and sums): their batch and speed parts make the
 * row's value. Null where the layer has nothing of the row. Other measures are not in it: parts of a minimum, a mean or a
 * distinct count do not add up.
 */
export type Split<Out> = { readonly [M in keyof Out]?: { readonly batch: Out[M] | null; readonly speed: Out[M] | null } };

/** What is asked of a view. */
export interface Query<P extends { dims: {}; out: {} }, B, G, S = boolean> {
  /**
   * The view's own windows that start in `[from, until)` are answered, whole. Epoch ms or Date; neither needs to be a
   * multiple of the view's `every`.
   */
  readonly from: Date | number;
  readonly until: Date | number;
  /** Default: the view's `every`. `"all"` is one total over the range. */
  readonly granularity?: G;
  /** IANA zone whose calendar cuts the windows. Default "UTC". Its offset must be a multiple of the view's `every`. */
  readonly zone?: string;
  /** The dimensions to tell apart; the others are merged. Default: all. */
  readonly by?: readonly B[];
  /** Only rows whose dimension has the value, or one of the values. `null` is a value. */
  readonly where?: { readonly [N in keyof P["dims"]]?: P["dims"][N] | readonly P["dims"][N][] };
  /**
   * A column of the answer and a direction, ascending by default. Nulls come last in both. Ties order by the dimensions
   * ascending (text by its UTF-8 bytes), then by window. Default: by window, then dimensions.
   */
  readonly orderBy?: `${keyof AnsweredRow<P, B, G> & string} ${"asc" | "desc"}` | (keyof AnsweredRow<P, B, G> & string);
  /** Rows of the answer, at most. */
  readonly limit?: number;
  /** Rows of each window, at most; the answer is then ordered window by window. */
  readonly limitPerWindow?: number;
  /**
   * `"zero"` adds a row with the measures of no event for every window of the range in which a key of the answer has no
   * row. Without dimensions that is every window of the range.
   */
  readonly fill?: "zero";
  /** Answer with what there is, `complete: false` and the ranges that are missing, where the exact answer is refused. */
  readonly allowIncomplete?: boolean;
  /** Adds to each row its {@link Split}: what of it is the batch layer's and what the speed layer's. A view needs a measure that adds up. */
  readonly split?: S;
}

type Ask<Vs extends AnyView, Wrapped extends "once" | "live"> = <
  const N extends Vs["name"],
  const B extends keyof Parts<Vs, N>["dims"] = keyof Parts<Vs, N>["dims"],
  const G extends CoarserThan<Parts<Vs, N>["every"]> | "all" = CoarserThan<Parts<Vs, N>["every"]>,
  const S extends boolean = false,
>(
  view: N | { readonly name: N },
  query: Query<Parts<Vs, N>, B, G, S>,
  ...signal: Wrapped extends "once" ? [signal?: AbortSignal] : []
) => Wrapped extends "once" ? Promise<Answer<AnsweredRow<Parts<Vs, N>, B, G, S>>> : Observable<Answer<AnsweredRow<Parts<Vs, N>, B, G, S>>>;

/** Asking the views `Vs`. */
export interface Queries<Vs extends AnyView> {
  /**
   * Answers once, exactly, or refuses.
   *
   * @throws {QueryError} naming every mistake of the query.
   * @throws {UnservableError} when the exact answer cannot be given.
   * @throws {RowLimitError} when the answer would have more rows than are served.
   */
  readonly query: Ask<Vs, "once">;
  /** Answers now, and again whenever the rows have changed. Errors of {@link query} end it; unsubscribing stops it. */
  readonly watch: Ask<Vs, "live">;
}

/** A query as it arrives from outside, before it is checked against its view. */
export type AnyQuery = Query<{ dims: Record<string, unknown>; out: Record<string, unknown> }, string, Granularity | "all">;
