// The typed client of a served lambda. It imports nothing of Node.
export { createClient, type Client, type QuestionsOf, type ViewsOf } from "./create-client.js";
export type { ClientOptions, Fetch, FetchResponse } from "./client-options.js";
export { ConnectionError } from "./connection-error.js";
export { RemoteError } from "./remote-error.js";
// what it answers
export type { Answer, AsOf, Envelope } from "../query/answer.js";
export type { AnsweredRow, Queries, Query, Split } from "../query/query.js";
export type { Ask, AskByName, AskKnown, AskOptions, AskQuestion } from "../questions/ask.js";
export type { QuestionDescription } from "../questions/describe-question.js";
export type { ProblemDocument } from "../http/problem-document.js";
export type { DeadLetterEntry, GenerationSummary, LambdaDescription } from "../http/served.js";
export type { MeasureKind, ViewDescription } from "../http/describe-view.js";
export type { PartitionTrust, TopicTrust, Trust } from "../trust/trust.js";
