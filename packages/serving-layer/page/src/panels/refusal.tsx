import type { ProblemDocument } from "../../../src/http/problem-document.js";
import { reasonText } from "./reason-text.js";
import { MissingRanges } from "./missing-ranges.js";

/** An answer that is refused: why, which records are concerned and what helps. */
export function Refusal({ problem }: { readonly problem: ProblemDocument }) {
  return (
    <div class="refusal" role="alert">
      <p class="refusal-title">{problem.code === "UNSERVABLE" ? `Not answered: ${reasonText(problem.reason ?? "")}` : "Not answered"}</p>
      <p class="refusal-detail">{problem.problems === undefined ? problem.detail : problem.problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}</p>
      {problem.ranges === undefined || problem.ranges.length === 0 ? null : <MissingRanges ranges={problem.ranges} />}
      {problem.advice === undefined ? null : <p class="refusal-advice">{problem.advice}.</p>}
      {problem.retryable ? <p class="refusal-advice">The page asks again by itself.</p> : null}
    </div>
  );
}
