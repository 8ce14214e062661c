import type { AnyQuestion, AnyView } from "@millrace/core";
import type { DeadLetterEntry, GenerationSummary, LambdaDescription } from "../http/served.js";
import type { Answer } from "../query/answer.js";
import type { AnyQuery, Queries } from "../query/query.js";
import type { Ask, AskKnown, AskOptions, AskQuestion } from "../questions/ask.js";
import type { GivenParameters } from "../questions/check-parameters.js";
import type { QuestionDescription } from "../questions/describe-question.js";
import type { Trust } from "../trust/trust.js";
import { askedTexts } from "./asked-texts.js";
import type { ClientOptions } from "./client-options.js";
import { readJson, sender } from "./request.js";
import { reviveAnswer, type SentAnswer } from "./revive-answer.js";
import { watchRemote } from "./watch-remote.js";

/** The views of a lambda, or of anything that has views. */
export type ViewsOf<L> = L extends { readonly views: readonly (infer V)[] } ? Extract<V, AnyView> : never;

/** The questions that a type names, where it does: `typeof lambda & { questions: typeof questions }`. */
export type QuestionsOf<L> = L extends { readonly questions: readonly (infer Q)[] } ? Extract<Q, AnyQuestion> : never;

/**
 * A served lambda. `query`, `watch` and `ask` are those of the lambda itself: the same options, rows of the same types, the same
 * codes of errors. What a custom measure presents is what JSON makes of it.
 */
export interface Client<Vs extends AnyView, Qs extends AnyQuestion = never> extends Queries<Vs> {
  /**
   * Asks a question once: as `lambda.ask` does. A question of `Qs` is typed by its name alone, without any code of it.
   * A parameter that is null is left out.
   */
  readonly ask: [Qs] extends [never] ? Ask : AskQuestion & AskKnown<Qs>;
  /** Every question, with its parameters and the shape of its answer. */
  questions(signal?: AbortSignal): Promise<readonly QuestionDescription[]>;
  /** Views, streams, models and outputs. */
  describe(signal?: AbortSignal): Promise<LambdaDescription>;
  /** How far both layers are, per topic and partition. */
  trust(signal?: AbortSignal): Promise<Trust>;
  /** The newest generations, oldest first. */
  generations(options?: { readonly limit?: number }, signal?: AbortSignal): Promise<readonly GenerationSummary[]>;
  /** The oldest dead letters. */
  deadLetters(options?: { readonly topic?: string; readonly limit?: number }, signal?: AbortSignal): Promise<{ readonly deadLetters: readonly DeadLetterEntry[]; readonly more: boolean }>;
}

/**
 * A client of the lambda that `millrace serve` serves at `url`, for Node and browsers. Nothing is sent before the first
 * call. Calls throw `RemoteError` for what the server refuses and `ConnectionError` when it cannot be reached; a watch
 * repeats what is worth repeating by itself.
 *
 * @example
 * import type lambda from "./millrace.config.js";
 * const client = createClient<typeof lambda>("http://127.0.0.1:4280");
 * const { rows } = await client.query("song_chart", { from, until, granularity: "hour", orderBy: "plays desc", limit: 10 });
 * const answer = await client.ask("top_songs", { from, until, granularity: "day" });
 */
export function createClient<L extends { readonly views: readonly AnyView[]; readonly questions?: readonly AnyQuestion[] }>(url: string, options: ClientOptions = {}): Client<ViewsOf<L>, QuestionsOf<L>> {
  const send = sender(url, options);
  const get = async <T>(path: string, parameters: Readonly<Record<string, string | number | undefined>> = {}, signal = new AbortController().signal): Promise<T> => {
    const given = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`]));
    return readJson<T>(await send({ path: given.length === 0 ? path : `${path}?${given.join("&")}` }, signal));
  };
  const routeOf = (view: string | { readonly name: string }, action: string) => `/api/views/${encodeURIComponent(typeof view === "string" ? view : view.name)}/${action}?types=true`;
  const query = async (view: string | { readonly name: string }, asked: AnyQuery, signal = new AbortController().signal): Promise<Answer<Record<string, unknown>>> =>
    reviveAnswer(await readJson<SentAnswer>(await send({ path: routeOf(view, "query"), body: asked }, signal)));
  const ask = async (question: string | { readonly name: string }, asked: GivenParameters, { signal }: AskOptions = {}): Promise<Answer<Record<string, unknown>>> =>
    reviveAnswer(await get<SentAnswer>(`/api/questions/${encodeURIComponent(typeof question === "string" ? question : question.name)}`, { ...askedTexts(asked), types: "true" }, signal));
  const watch = (view: string | { readonly name: string }, asked: AnyQuery) => watchRemote(send, { path: routeOf(view, "watch"), body: asked }, options);
  return {
    // As in the serving layer: the types of rows follow from the view and cannot follow through the wire.
    query: query as unknown as Queries<ViewsOf<L>>["query"],
    watch: watch as unknown as Queries<ViewsOf<L>>["watch"],
    ask: ask as unknown as Client<ViewsOf<L>, QuestionsOf<L>>["ask"],
    questions: async (signal) => (await get<{ readonly questions: readonly QuestionDescription[] }>("/api/questions", {}, signal)).questions,
    describe: (signal) => get("/api/lambda", {}, signal),
    trust: (signal) => get("/api/trust", {}, signal),
    generations: async ({ limit } = {}, signal) => (await get<{ readonly generations: readonly GenerationSummary[] }>("/api/generations", { limit }, signal)).generations,
    deadLetters: ({ topic, limit } = {}, signal) => get("/api/dead-letters", { topic, limit }, signal),
  };
}
