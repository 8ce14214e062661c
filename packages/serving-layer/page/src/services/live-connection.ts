import { BehaviorSubject, Observable } from "rxjs";
import { ConnectionError } from "../../../src/client/connection-error.js";
import { EventParser } from "../../../src/client/event-parser.js";
import { RemoteError } from "../../../src/client/remote-error.js";
import type { Send } from "../../../src/client/request.js";
import { reviveAnswer, type SentAnswer } from "../../../src/client/revive-answer.js";
import type { ProblemDocument } from "../../../src/http/problem-document.js";
import type { RollingRange } from "../../../src/http/rolling-range.js";
import type { WatchedAnswer, WatchedRefusal } from "../../../src/http/watch-several.js";
import type { Answer } from "../../../src/query/answer.js";

export type AnyRow = Record<string, unknown>;

/** A query as the server takes it, and in place of its range one that moves with the clock. */
export interface WatchSpec {
  readonly view: string;
  readonly query: {
    readonly from?: string;
    readonly until?: string;
    readonly granularity?: string;
    readonly zone?: string;
    readonly by?: readonly string[];
    readonly where?: Readonly<Record<string, unknown>>;
    readonly orderBy?: string;
    readonly limit?: number;
    readonly fill?: "zero";
    readonly split?: boolean;
  };
  readonly last?: RollingRange;
}

/** What is known of a watch. A refusal replaces the answer before it: what cannot be answered now is not shown. */
export type LiveState =
  | { readonly kind: "waiting" }
  | { readonly kind: "answer"; readonly answer: Answer<AnyRow>; readonly from: number; readonly until: number }
  | { readonly kind: "refused"; readonly problem: ProblemDocument };

export type ConnectionStatus =
  | { readonly kind: "connecting" }
  /** `at`: the time of the views' clock that the server said last, epoch ms. */
  | { readonly kind: "live"; readonly at: number }
  | { readonly kind: "broken"; readonly at: number | undefined; readonly reason: string }
  | { readonly kind: "unauthorized" };

interface Entry {
  readonly spec: WatchSpec;
  readonly state: BehaviorSubject<LiveState>;
  has: string | undefined;
  watchers: number;
}

/** The server sends a beat every second. */
const SILENCE_MS = 6_000;
const RETRY_MS = { first: 500, most: 8_000 };
/** Panels that come and go together change the connection once. */
const SETTLE_MS = 15;

/**
 * All watches of the page over one connection: browsers give a server six at most. Equal watches are one. When the set
 * changes or the connection breaks it connects again and says what it has, so that nothing is sent twice.
 */
export class LiveConnection {
  readonly status = new BehaviorSubject<ConnectionStatus>({ kind: "connecting" });
  readonly #send: Send;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new AbortController();
  #connection = new AbortController();
  #changed = false;
  /** The watches of the connection. */
  #asked = "";
  #settling: ReturnType<typeof setTimeout> | undefined;
  #at: number | undefined;

  constructor(send: Send) {
    this.#send = send;
    void this.#run();
  }

  /** Never completes and never errors: what goes wrong is a state. */
  watch(spec: WatchSpec): Observable<LiveState> {
    const key = JSON.stringify(spec);
    return new Observable((subscriber) => {
      let entry = this.#entries.get(key);
      if (entry === undefined) {
        entry = { spec, state: new BehaviorSubject<LiveState>({ kind: "waiting" }), has: undefined, watchers: 0 };
        this.#entries.set(key, entry);
        this.#settle();
      }
      entry.watchers++;
      const own = entry;
      const subscription = own.state.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        own.watchers--;
        if (own.watchers === 0) this.#settle();
      };
    });
  }

  close(): void {
    this.#closing.abort();
    this.#connection.abort();
    clearTimeout(this.#settling);
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      for (const [key, { watchers }] of this.#entries) if (watchers === 0) this.#entries.delete(key);
      if (this.#asked === [...this.#entries.keys()].join("\n")) return;
      this.#changed = true;
      this.#connection.abort();
    }, SETTLE_MS);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      this.#changed = false;
      this.#connection = new AbortController();
      const { signal } = this.#connection;
      const silence = { timer: setTimeout(() => {}, 0) };
      try {
        const heard = () => {
          clearTimeout(silence.timer);
          silence.timer = setTimeout(() => this.#connection.abort(), SILENCE_MS);
        };
        heard();
        await this.#connect(signal, () => {
          failures = 0;
          heard();
        });
        throw new ConnectionError("the server ended the connection");
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (this.#changed) continue;
        if (error instanceof RemoteError && error.status === 401) return this.status.next({ kind: "unauthorized" });
        const reason = signal.aborted ? "the server has gone silent" : error instanceof Error ? error.message : String(error);
        this.status.next({ kind: "broken", at: this.#at, reason });
        await this.#pause(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures++));
      } finally {
        clearTimeout(silence.timer);
      }
    }
  }

  async #connect(signal: AbortSignal, onHeard: () => void): Promise<void> {
    const watches = [...this.#entries].map(([id, { spec, has }]) => ({ id, ...spec, ...(has === undefined ? {} : { has }) }));
    this.#asked = [...this.#entries.keys()].join("\n");
    const response = await this.#send({ path: "/api/watch", body: { watches }, headers: { accept: "text/event-stream" } }, signal);
    if (response.body === null) throw new ConnectionError("the response has no body");
    const reader = response.body.getReader();
    const text = new TextDecoder();
    const parser = new EventParser();
    for (;;) {
      const piece = await reader.read();
      if (piece.done) return;
      onHeard();
      for (const { name, data } of parser.push(text.decode(piece.value, { stream: true }))) this.#take(name, data);
    }
  }

  #take(name: string, data: string): void {
    if (name === "beat") {
      this.#at = (JSON.parse(data) as { readonly at: number }).at;
      this.status.next({ kind: "live", at: this.#at });
    } else if (name === "answer") {
      const { id, state, from, until, answer } = JSON.parse(data) as WatchedAnswer;
      const entry = this.#entries.get(id);
      if (entry === undefined) return;
      entry.has = state;
      entry.state.next({ kind: "answer", answer: reviveAnswer(answer as SentAnswer), from, until });
    } else if (name === "refused") {
      const { id, problem } = JSON.parse(data) as WatchedRefusal;
      const entry = this.#entries.get(id);
      if (entry === undefined) return;
      entry.has = undefined;
      entry.state.next({ kind: "refused", problem });
    }
  }

  /** Ends early when the set of watches changes. */
  #pause(ms: number): Promise<void> {
    const connection = new AbortController();
    this.#connection = connection;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      connection.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
