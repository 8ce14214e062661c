import type { ViewDefinition } from "@millrace/core";
import { planQuery } from "../planner/plan-query.js";
import { QueryError } from "../planner/query-error.js";
import type { AnyQuery } from "./query.js";
import type { QueryInput } from "./query-input.js";

/**
 * The query of an input, when it can be asked of its view.
 *
 * @throws {QueryError} naming every mistake at once, those of reading and those of planning.
 */
export function checkQueryInput(view: ViewDefinition, { query, problems }: QueryInput): AnyQuery {
  const told = new Set(problems.map(({ path }) => path));
  // What could not be read stands in for nothing, so that nothing can be said of its order either.
  if (told.has("from")) told.add("until");
  try {
    planQuery(view, query);
  } catch (error) {
    if (!(error instanceof QueryError) || problems.length === 0) throw error;
    throw new QueryError(view.name, [...problems, ...error.problems.filter(({ path }) => !told.has(path))]);
  }
  if (problems.length > 0) throw new QueryError(view.name, problems);
  return query;
}
