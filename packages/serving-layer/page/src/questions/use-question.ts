import { useEffect, useRef, useState } from "preact/hooks";
import { RemoteError } from "../../../src/client/remote-error.js";
import type { ProblemDocument } from "../../../src/http/problem-document.js";
import type { AnyRow, LiveState } from "../services/live-connection.js";
import { useServices } from "../services/services.js";
import type { Watched } from "../services/use-live.js";

/** A question as the page asks it. Its range may move on; `key` is equal for what is the same question to a person. */
export interface AskedQuestion {
  readonly key: string;
  readonly name: string;
  readonly from: number;
  readonly until: number;
  readonly granularity: string;
  /** Granularity and zone among them. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A question as a part of the page sees it. */
export interface WatchedQuestion extends Watched {
  /** What the state is of: the question before this one, where that is still shown. */
  readonly asked: AskedQuestion | undefined;
}

const AGAIN_MS = 3_000;
const WAITING: LiveState = { kind: "waiting" };

/**
 * Asks now and every few seconds while the page is visible: an equal question costs the server a look at its generation.
 * What is refused is asked again, too, since a generation may come. Undefined asks nothing.
 */
export function useQuestion(asked: AskedQuestion | undefined): WatchedQuestion {
  const { client } = useServices();
  const newest = useRef(asked);
  newest.current = asked;
  const [{ state, of }, setState] = useState<{ readonly state: LiveState; readonly of: AskedQuestion | undefined }>({ state: WAITING, of: undefined });
  const [key, range] = [asked?.key, asked === undefined ? undefined : `${asked.from} ${asked.until}`];
  useEffect(() => {
    const own = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const now = newest.current;
      if (now !== undefined && !document.hidden) {
        const { name, from, until, parameters } = now;
        let next: LiveState | undefined;
        try {
          const answer = await client.ask(name, { ...parameters, from, until }, { signal: own.signal });
          next = { kind: "answer", answer: { ...answer, rows: answer.rows as AnyRow[] }, from, until };
        } catch (error) {
          // A connection that is gone is told above; what there is is as of then.
          next = error instanceof RemoteError ? { kind: "refused", problem: error.problem } : undefined;
          if (next === undefined && !own.signal.aborted) setState((last) => (last.of?.key === now.key && last.state.kind !== "waiting" ? last : { state: { kind: "refused", problem: unreachable(error) }, of: now }));
        }
        if (own.signal.aborted) return;
        if (next !== undefined) setState({ state: next, of: now });
      }
      timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => {
      own.abort();
      clearTimeout(timer);
    };
  }, [client, key, range]);
  if (of?.key === key) return { state, asked: of, before: false };
  // The answer to the question before stays until there is one to this; a refusal does not. Another question's has other columns.
  return state.kind === "answer" && of?.name === asked?.name ? { state, asked: of, before: true } : { state: WAITING, asked: undefined, before: false };
}

const unreachable = (error: unknown): ProblemDocument => ({ type: "about:blank", title: "Not connected", status: 0, code: "CONNECTION", retryable: true, detail: error instanceof Error ? error.message : String(error) });
