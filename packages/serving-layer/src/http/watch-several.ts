import type { Clock } from "@millrace/core";
import { setMaxListeners } from "node:events";
import { HttpError } from "./http-error.js";
import { problemOf, type ProblemDocument } from "./problem-document.js";

/** One of the watches that share a connection. */
export interface SharedWatch {
  /** Names it to the client. */
  readonly id: string;
  /** The state that the client has of it already. */
  readonly has: string | undefined;
  readonly ask: (signal: AbortSignal) => Promise<{
    /** Equal for equal states. */
    readonly state: string;
    readonly from: number;
    readonly until: number;
    /** `{"rows":[...],"envelope":{...}}` */
    readonly text: string;
  }>;
}

export interface SharedWatchOptions {
  /** What "now" is for the views. */
  readonly clock: Clock;
  readonly timers: Clock;
  readonly pollMs: number;
  /** One look for a state may take so long. */
  readonly deadlineMs: number;
  /** A `beat` is sent so often. */
  readonly beatMs: number;
  /** Called with every refusal when it is new. */
  readonly onError: (error: unknown) => void;
}

/** The data of an `answer`, before the answer itself. */
export interface WatchedAnswer {
  readonly id: string;
  readonly state: string;
  /** The range that was asked, epoch ms. */
  readonly from: number;
  readonly until: number;
  readonly answer: unknown;
}

/** The data of a `refused`: the watch goes on, and answers once it can. */
export interface WatchedRefusal {
  readonly id: string;
  readonly problem: ProblemDocument;
}

/**
 * Several watches as one stream of server-sent events, for a browser has few connections: `answer` ({@link WatchedAnswer})
 * whenever a watch has another state than the client, `refused` ({@link WatchedRefusal}) instead while it cannot be
 * answered, and `beat` with the time of the views' clock.
 *
 * The reader's pace is the pace: of each watch the newest event alone is held while the reader does not take it. Ends when
 * `signal` aborts.
 */
export async function* watchSeveral(watches: readonly SharedWatch[], options: SharedWatchOptions, signal: AbortSignal): AsyncGenerator<string> {
  const { clock, timers, pollMs, deadlineMs, beatMs, onError } = options;
  const held = new Map<string, string>();
  let wake = () => {};
  const own = new AbortController();
  // A watch listens while it asks and while it sleeps: many watches are no leak.
  setMaxListeners(2 * watches.length + 10, own.signal);
  const stop = () => own.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  own.signal.addEventListener("abort", () => wake(), { once: true });
  if (signal.aborted) stop();

  const hold = (key: string, event: string) => {
    held.set(key, event);
    wake();
  };
  const follow = async ({ id, has, ask }: SharedWatch) => {
    let told = has;
    while (!own.signal.aborted) {
      try {
        const { state, from, until, text } = await within(timers, deadlineMs, own.signal, ask);
        // A range that moved is another state, though its rows may be equal.
        const now = `${state}/${from}/${until}`;
        if (now !== told) {
          told = now;
          hold(id, `event: answer\ndata: {"id":${JSON.stringify(id)},"state":${JSON.stringify(now)},"from":${from},"until":${until},"answer":${text}}\n\n`);
        }
      } catch (error) {
        if (own.signal.aborted) return;
        const refusal = `event: refused\ndata: ${JSON.stringify({ id, problem: problemOf(error) } satisfies WatchedRefusal)}\n\n`;
        if (refusal !== told) {
          told = refusal;
          onError(error);
          hold(id, refusal);
        }
      }
      await timers.sleep(pollMs, own.signal);
    }
  };
  const beat = async () => {
    for (;;) {
      hold("", `event: beat\ndata: {"at":${clock.now()}}\n\n`);
      await timers.sleep(beatMs, own.signal);
    }
  };
  const running = [...watches.map(follow), beat()].map((job) => job.catch(() => {}));
  try {
    while (!own.signal.aborted) {
      if (held.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (held.size > 0 || own.signal.aborted) resolve();
        });
      }
      const events = [...held.values()].join("");
      held.clear();
      if (events !== "") yield events;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    own.abort();
    await Promise.all(running);
  }
}

async function within<T>(timers: Clock, deadlineMs: number, signal: AbortSignal, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const late = timers.sleep(deadlineMs, own.signal).then((): never => {
      throw new HttpError("DEADLINE", `answering: it takes longer than ${deadlineMs} ms`);
    });
    return await Promise.race([job(own.signal), late]);
  } finally {
    signal.removeEventListener("abort", stop);
    own.abort();
  }
}
