import type { Clock } from "@millrace/core";
import { Observable } from "rxjs";
import type { Coverage } from "./chain/coverage.js";
import type { QueryPlan } from "./planner/query-plan.js";
import type { Answer } from "./query/answer.js";

type Rows = Record<string, unknown>;

export interface Watched {
  /** Called at every subscription. */
  readonly plan: () => QueryPlan;
  readonly look: (plan: QueryPlan, signal: AbortSignal) => Promise<Coverage>;
  readonly answer: (plan: QueryPlan, coverage: Coverage, signal: AbortSignal) => Promise<Answer<Rows>>;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly closing: AbortSignal;
}

/**
 * Emits the answer at once, then looks for progress every `pollMs`, asks again when generation or chain moved, and emits
 * when the rows, or whether they are complete, are not what was emitted last. One look at a time; the last rows are kept.
 *
 * Errors with the first error of a look or an answer, also with that of closing; never completes. Unsubscribing aborts
 * what is under way.
 */
export function watchAnswers({ plan, look, answer, clock, pollMs, closing }: Watched): Observable<Answer<Rows>> {
  return new Observable((subscriber) => {
    const own = new AbortController();
    const { signal } = own;
    let stopped = false;
    const close = () => own.abort(closing.reason);
    closing.addEventListener("abort", close, { once: true });
    const run = async () => {
      closing.throwIfAborted();
      const planned = plan();
      let seen: string | undefined;
      let emitted: string | undefined;
      for (;;) {
        const coverage = await look(planned, signal);
        const now = progressOf(coverage);
        if (now !== seen) {
          const next = await answer(planned, coverage, signal);
          const text = textOf(next);
          if (text !== emitted) {
            emitted = text;
            subscriber.next(next);
          }
          seen = now;
        }
        await clock.sleep(pollMs, signal);
      }
    };
    run().catch((error: unknown) => {
      if (!stopped) subscriber.error(error);
    });
    return () => {
      stopped = true;
      closing.removeEventListener("abort", close);
      own.abort();
    };
  });
}

/** Changes whenever an answer may: a generation is immutable, and a segment's rows change with its progress. */
export function progressOf({ generation, partitions, missing }: Coverage): string {
  return JSON.stringify([
    generation?.number ?? 0,
    partitions.map(({ links }) => links.map(({ segment, version }) => [segment.first, segment.end ?? null, version])),
    missing,
  ]);
}

function textOf({ rows, envelope }: Answer<Rows>): string {
  return JSON.stringify([envelope.complete, rows], (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}
