import { ServedGenerations, unknownName, type AnyQuestion, type Clock, type EventLog, type FileSystem, type QuestionDefinition, type SqlEngine } from "@millrace/core";
import { ManifestWatermarks } from "../chain/manifest-watermarks.js";
import type { Answer } from "../query/answer.js";
import type { Serving } from "../serving.js";
import { checkParameters, type GivenParameters } from "./check-parameters.js";
import type { PreparedQuestion } from "./prepared-question.js";
import { prepareModelQuestion } from "./prepare-model-question.js";
import { prepareViewQuestion } from "./prepare-view-question.js";
import { QuestionError } from "./question-error.js";

/** What `createQuestions` works with. */
export interface QuestionsOptions {
  readonly questions: readonly AnyQuestion[];
  /** Answers those over views. */
  readonly serving: Pick<Serving<never>, "prepare">;
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly clock: Clock;
  /** Rows of one answer, at most. Default 100,000. */
  readonly maxRows?: number;
}

/** Answers questions by their name. */
export interface Questions {
  readonly all: readonly QuestionDefinition[];
  /** @throws {QuestionError} when there is no such question. */
  find(name: string): QuestionDefinition;
  /** @throws {QuestionError} naming every mistake. */
  prepare(name: string, parameters: GivenParameters): PreparedQuestion;
  /**
   * Answers once.
   *
   * @throws {QuestionError} naming every mistake; {@link UnservableError}; {@link TableNotBuiltError}; {@link RowLimitError}.
   */
  ask(name: string, parameters: GivenParameters, signal: AbortSignal): Promise<Answer<Record<string, unknown>>>;
}

/** Questions over views are answered by the serving layer, those over models from the tables of the current generation. */
export function createQuestions({ questions, serving, log, files, engine, clock, maxRows = 100_000 }: QuestionsOptions): Questions {
  const byName = new Map(questions.map(({ definition }) => [definition.name, definition]));
  const source = { log, files, engine, clock, generations: new ServedGenerations(files), watermarks: new ManifestWatermarks(files), maxRows };

  const find = (name: string): QuestionDefinition => {
    const question = byName.get(name);
    if (question === undefined) throw new QuestionError(name.slice(0, 100), [{ path: "question", message: `there is no ${unknownName(name.slice(0, 100), [...byName.keys()])}` }]);
    return question;
  };
  const prepare = (name: string, parameters: GivenParameters): PreparedQuestion => {
    const question = find(name);
    const asked = checkParameters(question, parameters);
    const { answeredBy } = question;
    const prepared =
      answeredBy.by === "views" ? prepareViewQuestion(question, answeredBy, asked, (view, query) => serving.prepare(view, query)) : prepareModelQuestion(source, question, answeredBy, asked);
    return { question, key: `question ${name} ${JSON.stringify(asked)}`, look: prepared.look };
  };
  return {
    all: [...byName.values()],
    find,
    prepare,
    ask: async (name, parameters, signal) => (await prepare(name, parameters).look(signal)).answer(signal),
  };
}
