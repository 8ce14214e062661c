import type { ProblemDocument } from "../../../src/http/problem-document.js";
import { reasonText } from "./reason-text.js";
import { MissingRanges } from "./missing-ranges.js";

/** An answer that is refused: why, which records are concerned and what helps. */
export function Refusal({ problem }: { readonly problem: ProblemDocument }) {
  return (
    <div class="refusal" role="alert">
      <p class="refusal-title">{titleOf(problem)}</p>
      <p class="refusal-detail">{problem.problems === undefined ? problem.detail : problem.problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}</p>
      {problem.ranges === undefined || problem.ranges.length === 0 ? null : <MissingRanges ranges={problem.ranges} />}
      {problem.advice === undefined ? null : <p class="refusal-advice">{problem.advice}.</p>}
      {problem.retryable || problem.code === NOT_BUILT ? <p class="refusal-advice">The page asks again by itself.</p> : null}
    </div>
  );
}

/** A batch run mends it. */
const NOT_BUILT = "TABLE_NOT_BUILT";

function titleOf({ code, reason }: ProblemDocument): string {
  if (code === "UNSERVABLE") return `Not answered: ${reasonText(reason ?? "")}`;
  if (code === NOT_BUILT) return "Not answered yet: no generation has this table";
  if (code === "CONNECTION") return "Not answered: the server cannot be reached";
  return code === "QUESTION" ? "This cannot be asked" : "Not answered";
}
