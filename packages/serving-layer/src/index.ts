// asking
export { createServing, type Serving, type ServingOptions } from "./serving.js";
export type { AnsweredRow, AnyQuery, Parts, Queries, Query } from "./query/query.js";
export type { Answer, AsOf, Envelope } from "./query/answer.js";
// refusals
export { QueryError } from "./planner/query-error.js";
export { RowLimitError } from "./planner/row-limit-error.js";
export { UnservableError, type UnservableReason } from "./chain/unservable-error.js";
export type { MissingRange, MissingReason } from "./chain/missing-range.js";
