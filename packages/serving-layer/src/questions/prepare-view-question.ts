import { EVERY_MS, type AnsweredBy, type QuestionDefinition, type ResolvedParameters, type ViewDefinition } from "@millrace/core";
import type { AnyQuery } from "../query/query.js";
import type { PreparedQuery } from "../serving.js";

/** Rows of a window where a question has no limit: more than any answer has. */
const NO_LIMIT = 1_000_000;

const FIXED_MS: Readonly<Record<string, number>> = EVERY_MS;

/** The coarsest view whose windows make up the range and the granularity exactly; the finest, where none does. */
export function viewFor({ views }: Extract<AnsweredBy, { by: "views" }>, { from, until, granularity }: ResolvedParameters): ViewDefinition {
  const tells = ({ every }: ViewDefinition) => {
    const everyMs = EVERY_MS[every];
    return from % everyMs === 0 && until % everyMs === 0 && everyMs <= (FIXED_MS[granularity] ?? Number.POSITIVE_INFINITY);
  };
  return views.find(tells) ?? views.at(-1)!;
}

/** The query of a question's view, and its rows with the question's columns alone. */
export function prepareViewQuestion(
  question: QuestionDefinition,
  answeredBy: Extract<AnsweredBy, { by: "views" }>,
  asked: ResolvedParameters,
  prepare: (view: string, query: AnyQuery) => PreparedQuery,
): Pick<PreparedQuery, "look"> {
  const { from, until, granularity, zone, limit } = asked;
  const { orderBy } = question;
  const prepared = prepare(viewFor(answeredBy, asked).name, {
    from,
    until,
    granularity,
    zone,
    by: answeredBy.dimensions,
    where: answeredBy.where(asked.own),
    ...(orderBy === null ? {} : { orderBy: `${orderBy.column} ${orderBy.descending ? "desc" : "asc"}` }),
    // With it the answer is ordered window by window.
    ...(limit === null && orderBy === null ? {} : { limitPerWindow: limit ?? NO_LIMIT }),
  });
  const columns = [...(granularity === "all" ? [] : ["window"]), ...answeredBy.dimensions, ...answeredBy.measures];
  return {
    async look(signal) {
      const look = await prepared.look(signal);
      return {
        ...look,
        async answer(own) {
          const { rows, envelope } = await look.answer(own);
          return { rows: rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]]))), envelope };
        },
      };
    },
  };
}
