import { Observable } from "rxjs";
import type { Answer } from "../query/answer.js";
import type { ClientOptions, FetchResponse } from "./client-options.js";
import { ConnectionError } from "./connection-error.js";
import { EventParser } from "./event-parser.js";
import { RemoteError } from "./remote-error.js";
import { isProblem, type ClientRequest, type Send } from "./request.js";
import { reviveAnswer, type SentAnswer } from "./revive-answer.js";

export type WatchOptions = Pick<ClientOptions, "reconnect" | "silenceMs" | "onReconnect" | "random">;

/**
 * Emits every state of an answer that the server sends, each once, also across reconnections: the server is told which
 * state is known, and sends another one only. A state is whole, so none between two is owed.
 *
 * Broken connections and refusals that are worth repeating make it connect again, with growing pauses; any other refusal
 * is its error. Never completes; unsubscribing closes the connection.
 */
export function watchRemote(send: Send, request: ClientRequest, options: WatchOptions): Observable<Answer<Record<string, unknown>>> {
  const { reconnect: { minMs = 250, maxMs = 10_000 } = {}, silenceMs = 45_000, onReconnect, random = Math.random } = options;
  return new Observable((subscriber) => {
    const own = new AbortController();
    let has: string | undefined;
    let failures = 0;

    const connect = async (): Promise<never> => {
      const connection = new AbortController();
      const stop = () => connection.abort(own.signal.reason);
      own.signal.addEventListener("abort", stop, { once: true });
      const silence = alarm(silenceMs, () => connection.abort(new ConnectionError(`watching: the server said nothing for ${silenceMs} ms`)));
      try {
        const headers = { accept: "text/event-stream", ...(has === undefined ? {} : { "last-event-id": has }) };
        const response = await send({ ...request, headers }, connection.signal);
        for await (const { name, id, data } of eventsOf(response, silence.reset)) {
          if (name === "error") throw refusalOf(data);
          if (name !== "answer" || (id !== undefined && id === has)) continue;
          // Known once it is read: what could not be read is to be sent again.
          const answer = reviveAnswer(parse<SentAnswer>(data));
          has = id;
          failures = 0;
          subscriber.next(answer);
        }
        throw new ConnectionError("watching: the server ended the connection");
      } catch (error) {
        throw connection.signal.aborted && !own.signal.aborted ? connection.signal.reason : error;
      } finally {
        silence.stop();
        own.signal.removeEventListener("abort", stop);
        connection.abort();
      }
    };

    const run = async () => {
      for (;;) {
        try {
          await connect();
        } catch (error) {
          if (own.signal.aborted) return;
          if (!isRetryable(error)) return subscriber.error(error);
          const delayMs = Math.min(maxMs, minMs * 2 ** Math.min(failures++, 30)) * (0.5 + random() / 2);
          onReconnect?.(error, delayMs);
          await pause(delayMs, own.signal);
          if (own.signal.aborted) return;
        }
      }
    };
    // What a subscriber or `onReconnect` throws is theirs.
    run().catch((error: unknown) => subscriber.error(error));
    return () => own.abort();
  });
}

async function* eventsOf({ body }: FetchResponse, onPiece: () => void) {
  if (body === null) throw new ConnectionError("watching: the response has no body");
  const reader = body.getReader();
  const text = new TextDecoder();
  const parser = new EventParser();
  for (;;) {
    let piece: Awaited<ReturnType<typeof reader.read>>;
    try {
      piece = await reader.read();
    } catch (cause) {
      throw new ConnectionError("watching: the connection broke", { cause });
    }
    if (piece.done) return;
    onPiece();
    yield* parser.push(text.decode(piece.value, { stream: true }));
  }
}

const isRetryable = (error: unknown): error is RemoteError | ConnectionError => (error instanceof RemoteError || error instanceof ConnectionError) && error.retryable;

function refusalOf(data: string): RemoteError | ConnectionError {
  const problem = parse<object>(data);
  return isProblem(problem) ? new RemoteError(problem) : new ConnectionError("watching: the server sent an error that is no problem document");
}

function parse<T>(data: string): T {
  try {
    return JSON.parse(data) as T;
  } catch (cause) {
    throw new ConnectionError("watching: the server sent what is not JSON", { cause });
  }
}

function alarm(ms: number, ring: () => void): { readonly reset: () => void; readonly stop: () => void } {
  let timer = setTimeout(ring, ms);
  const stop = () => clearTimeout(timer);
  return {
    reset: () => {
      stop();
      timer = setTimeout(ring, ms);
    },
    stop,
  };
}

/** Resolves after `ms`, or at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
