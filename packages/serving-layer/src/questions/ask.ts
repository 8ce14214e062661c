import type { AnyQuestion, AskedRow, AskParameters, carried, Granularity, Parameters, Question } from "@millrace/core";
import type { Answer } from "../query/answer.js";
import type { GivenParameters } from "./check-parameters.js";

/** What asking takes besides the question's parameters. */
export interface AskOptions {
  /** Stops it: what was begun is left. */
  readonly signal?: AbortSignal;
}

/** Asking a question that is at hand: its parameters and the rows of its answer are typed. */
export interface AskQuestion {
  <P extends Parameters, R, D extends Granularity | "all", const G extends Granularity | "all" = D>(
    question: Question<string, P, R, D>,
    parameters: AskParameters<P, G>,
    options?: AskOptions,
  ): Promise<Answer<AskedRow<R, G>>>;
}

/** Asking by name. */
export interface AskByName {
  (question: string, parameters: GivenParameters, options?: AskOptions): Promise<Answer<Record<string, unknown>>>;
}

/** Asking questions, by themselves or by name. */
export interface Ask extends AskQuestion, AskByName {}

type Carried<Qs extends AnyQuestion, N> = Extract<Qs, { readonly name: N }>[typeof carried];

/** Asking questions whose types alone are at hand, by name, as typed as {@link AskQuestion}. */
export interface AskKnown<Qs extends AnyQuestion> {
  <const N extends Qs["name"], const G extends Granularity | "all" = Carried<Qs, N>[2]>(
    question: N,
    parameters: AskParameters<Carried<Qs, N>[0], G>,
    options?: AskOptions,
  ): Promise<Answer<AskedRow<Carried<Qs, N>[1], G>>>;
}
