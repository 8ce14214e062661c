import type { Clock } from "@millrace/core";
import { HttpError } from "./http-error.js";
import { problemOf } from "./problem-document.js";

export interface EventSource {
  /** The state now, as one line of text, under an id that is equal for equal states. */
  readonly ask: (signal: AbortSignal) => Promise<{ readonly id: string; readonly text: string }>;
  /** What the client has already: the id of the last event that it received. */
  readonly lastEventId: string | undefined;
  readonly timers: Clock;
  readonly pollMs: number;
  /** A comment is sent when nothing else was for so long. */
  readonly heartbeatMs: number;
  /** One look for the state may take so long. */
  readonly deadlineMs: number;
  /** Called with every error that ends the stream. */
  readonly onError: (error: unknown) => void;
}

/**
 * Server-sent events (the WHATWG's `text/event-stream`): an `answer` whenever the state is another one than the client has,
 * and at the end, where there is one, an `error` with its problem document.
 *
 * The reader's pace is the pace: while it does not take what was yielded nothing is asked, and then the newest state is
 * sent. Nothing piles up, and no state between is owed: an event is a whole state. Ends when `signal` aborts.
 */
export async function* eventStream(source: EventSource, signal: AbortSignal): AsyncGenerator<string> {
  const { ask, timers, pollMs, heartbeatMs, deadlineMs } = source;
  let has = source.lastEventId;
  let toldAt = timers.now();
  // Also makes the head of the response leave at once.
  yield "retry: 1000\n: watching\n\n";
  try {
    while (!signal.aborted) {
      const own = new AbortController();
      const stop = () => own.abort(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      try {
        const asking = settled(ask(own.signal));
        const deadline = settled(timers.sleep(deadlineMs, own.signal));
        let state: Awaited<typeof asking> | undefined;
        while (state === undefined) {
          const tick = new AbortController();
          const first = await Promise.race([asking, deadline.then(() => "deadline" as const), settled(timers.sleep(heartbeatMs, tick.signal)).then(() => "heartbeat" as const)]);
          tick.abort();
          if (signal.aborted) return;
          if (first === "deadline") throw new HttpError("DEADLINE", `answering: it takes longer than ${deadlineMs} ms`);
          if (first === "heartbeat") {
            toldAt = timers.now();
            yield ": still here\n\n";
          } else state = first;
        }
        if ("error" in state) throw state.error;
        const { id, text } = state.value;
        if (id !== has) {
          has = id;
          toldAt = timers.now();
          yield `event: answer\nid: ${id}\ndata: ${text}\n\n`;
        } else if (timers.now() - toldAt >= heartbeatMs) {
          toldAt = timers.now();
          yield ": still here\n\n";
        }
      } finally {
        own.abort();
        signal.removeEventListener("abort", stop);
      }
      await settled(timers.sleep(pollMs, signal));
    }
  } catch (error) {
    if (signal.aborted) return;
    source.onError(error);
    yield `event: error\ndata: ${JSON.stringify(problemOf(error))}\n\n`;
  }
}

const settled = <T>(promise: Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
