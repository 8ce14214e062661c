// asking
export { createServing, type Look, type PreparedQuery, type Serving, type ServingOptions } from "./serving.js";
export type { AnsweredRow, AnyQuery, Parts, Queries, Query, Split } from "./query/query.js";
export type { Answer, AsOf, Envelope } from "./query/answer.js";
export { checkQueryInput } from "./query/check-query-input.js";
export { queryFromJson, queryFromTexts, type QueryInput } from "./query/query-input.js";
// what can be answered, and how far
export type { Coverage, PartitionCoverage } from "./chain/coverage.js";
export { createTrust, type PartitionTrust, type TopicTrust, type Trust, type TrustReader, type TrustSources } from "./trust/trust.js";
export { describeView, typeOf, type MeasureKind, type ViewDescription } from "./http/describe-view.js";
export type { DeadLetterEntry, GenerationSummary, LambdaDescription, ReadyCheck, Served } from "./http/served.js";
// tables of models
export { readTable, type TableRange } from "./table/read-table.js";
export { TableNotBuiltError } from "./table/table-not-built-error.js";
// questions
export { createQuestions, type Questions, type QuestionsOptions } from "./questions/create-questions.js";
export type { Ask, AskByName, AskKnown, AskOptions, AskQuestion } from "./questions/ask.js";
export { describeQuestion, type QuestionDescription } from "./questions/describe-question.js";
export { parametersFromTexts, type GivenParameters } from "./questions/check-parameters.js";
export type { PreparedQuestion } from "./questions/prepared-question.js";
export { QuestionError } from "./questions/question-error.js";
// the live page
export { defineDashboard, type DashboardDeclaration, type PanelDeclaration } from "./dashboard/define-dashboard.js";
export type { BarsPanel, Dashboard, FilterValue, MapPanel, NumberPanel, Panel, PanelKind, PanelSize, PiePanel, TimePanel, TopPanel, TrendPanel, ValueFormat } from "./dashboard/dashboard.js";
// refusals
export { QueryError } from "./planner/query-error.js";
export { RowLimitError } from "./planner/row-limit-error.js";
export { UnservableError, type UnservableReason } from "./chain/unservable-error.js";
export type { MissingRange, MissingReason } from "./chain/missing-range.js";
