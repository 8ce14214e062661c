import type { carried, Show } from "../streams/carried-type.js";
import type { Granularity } from "../time-zones/granularity.js";
import type { Parameters, ParameterValues } from "./parameter.js";
import type { QuestionDefinition } from "./question-definition.js";

/**
 * A named question. `P` are its own parameters, `R` a row of its answer without the window, `G` the granularity that holds
 * where none is asked for. `defineQuestion` makes it.
 */
export interface Question<Name extends string, P extends Parameters, R, G extends Granularity | "all"> {
  readonly name: Name;
  readonly [carried]: [P, R, G];
  /** What the layers work from. */
  readonly definition: QuestionDefinition;
}

/** Any question, where its types do not matter. */
export type AnyQuestion = Question<string, {}, {}, Granularity | "all">;

/** What every question takes. */
export interface AskRange<G> {
  /** The range `[from, until)`. Epoch ms or Date. */
  readonly from: Date | number;
  readonly until: Date | number;
  readonly granularity?: G;
  /** IANA zone whose calendar cuts the windows. Default "UTC". */
  readonly zone?: string;
  /** Rows of each window, at most. */
  readonly limit?: number;
}

/** What a question is asked: its range, and whatever is not to be as the question has it by default. */
export type AskParameters<P extends Parameters, G> = AskRange<G> & { readonly [N in keyof P]?: ParameterValues<P>[N] };

/** A row of an answer: its window unless it is a total, and the question's columns. */
export type AskedRow<R, G> = Show<([G] extends ["all"] ? {} : { window: Date }) & R>;
