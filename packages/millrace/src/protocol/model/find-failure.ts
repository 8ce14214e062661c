import { runHistory } from "./history.js";
import type { Rules } from "./rules.js";
import type { Focus, Step } from "./schedule.js";
import { scheduleOf } from "./schedule.js";
import { shrinkSchedule } from "./shrink-schedule.js";
import type { Variant } from "./variant.js";
import type { FailureKind, World } from "./world.js";

/** What the histories of a seed are about. */
export type FocusOf = (seed: number) => Focus;

/** The histories of the seeds `[from, until)`, each run to its end, until one of them fails. Returns that seed. */
export function findFailure(
  { from, until, focusOf }: { readonly from: number; readonly until: number; readonly focusOf: FocusOf },
  variant: Variant,
  rules: Rules,
  counts: (counts: World["counts"]) => void = () => {},
  kinds?: readonly FailureKind[],
): number | undefined {
  for (let seed = from; seed < until; seed++) {
    const world = runHistory(scheduleOf(seed, focusOf(seed)), variant, rules);
    counts(world.counts);
    if (world.failure && (kinds?.includes(world.failure.kind) ?? true)) return seed;
  }
  return undefined;
}

/** What happened in the shortest history within that of `seed` that fails in the same way, line by line. */
export function explainFailure(seed: number, variant: Variant, rules: Rules, focusOf: FocusOf): string {
  const run = (steps: readonly Step[], traced = false): World => runHistory(steps, variant, rules, traced);
  const history = scheduleOf(seed, focusOf(seed));
  const kind = run(history).failure?.kind;
  const steps = shrinkSchedule(history, (some) => run(some).failure?.kind === kind);
  return [`history ${seed} on ${variant.name}, ${steps.length} steps (MILLRACE_SEED=${seed} repeats it):`, ...(run(steps, true).trace ?? [])].join("\n");
}
