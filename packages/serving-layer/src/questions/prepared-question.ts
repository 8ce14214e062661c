import type { QuestionDefinition } from "@millrace/core";
import type { Look } from "../serving.js";

/** A checked question, ready to be asked any number of times. */
export interface PreparedQuestion {
  readonly question: QuestionDefinition;
  /** Equal for questions that ask the same. */
  readonly key: string;
  /**
   * Looks at what it would be answered from now.
   *
   * @throws {UnservableError} {@link TableNotBuiltError}
   */
  look(signal: AbortSignal): Promise<Look>;
}
