import http from "node:http";
import https from "node:https";
import { onAbort } from "@millrace/core";

/** An answer with its head read, and its body unless it was handed over in pieces. */
export interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Buffer;
}

/** No byte moved for so long. */
export class HttpSilence extends Error {
  readonly code = "TimedOut";

  constructor(ms: number) {
    super(`no answer for ${ms} ms`);
    this.name = "HttpSilence";
  }
}

/** The answer ended before its length was reached. */
export class HttpShortAnswer extends Error {
  readonly code = "ShortAnswer";

  constructor() {
    super("the answer ended early");
    this.name = "HttpShortAnswer";
  }
}

/** What is sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: http.Agent;
  /** The exchange fails when no byte moves for so long, ms. */
  readonly silenceMs: number;
  /** Gets the body of an answer of status 200 in pieces; it is then not in the answer. */
  readonly onChunk?: ((chunk: Uint8Array) => void) | undefined;
}

/**
 * One request and its answer over `node:http`, redirects not followed. Global `fetch` does not do: a DataNode sends
 * `100 Continue` unasked, which undici takes for a broken answer.
 */
export class HttpExchange {
  readonly answer: Promise<HttpAnswer>;
  readonly #request: http.ClientRequest;
  readonly #silenceMs: number;
  #silence: NodeJS.Timeout | undefined;
  #outcome: { readonly error?: Error } | undefined;
  /** Ends the write that waits. */
  #wake: (() => void) | undefined;

  constructor({ method, url, headers, agent, silenceMs, onChunk }: HttpRequest, signal: AbortSignal) {
    this.#silenceMs = silenceMs;
    const request = (url.protocol === "https:" ? https : http).request(url, { method, headers: { ...headers }, agent });
    this.#request = request;
    this.answer = new Promise<HttpAnswer>((resolve, reject) => {
      // Listens on after the answer: a connection that breaks later is nobody's failure.
      request.on("error", reject);
      request.once("response", (response) => {
        const isHandedOver = onChunk !== undefined && response.statusCode === 200;
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => {
          this.#stir();
          if (isHandedOver) onChunk(chunk);
          else chunks.push(chunk);
        });
        response.once("error", reject);
        response.once("close", () => {
          if (!response.complete) reject(new HttpShortAnswer());
          resolve({ status: response.statusCode!, location: response.headers.location, body: Buffer.concat(chunks) });
        });
      });
    });
    const forget = onAbort(signal, () => this.cut(signal.reason as Error));
    const settle = (outcome: { readonly error?: Error }): void => {
      this.#outcome = outcome;
      this.rest();
      forget();
      this.#wake?.();
    };
    this.answer.then(
      () => settle({}),
      (error: Error) => settle({ error }),
    );
    this.#stir();
  }

  get isAnswered(): boolean {
    return this.#outcome !== undefined && this.#outcome.error === undefined;
  }

  /** Sends a piece of the body. Resolves when it may be used again, also when an answer came early: the rest need not be sent. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#outcome === undefined) {
      this.#stir();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#request.write(chunk, () => resolve());
      });
      this.#wake = undefined;
      this.rest();
    }
    if (this.#outcome?.error) throw this.#outcome.error;
  }

  /** Sends the rest of the body. */
  end(chunk?: Uint8Array): void {
    if (this.#outcome !== undefined) return;
    this.#stir();
    if (chunk === undefined) this.#request.end();
    else this.#request.end(chunk);
  }

  /** While nothing is being sent or waited for, nothing is too late. */
  rest(): void {
    clearTimeout(this.#silence);
  }

  /** Ends the connection; the answer fails with `reason`. */
  cut(reason: Error): void {
    this.#request.destroy(reason);
  }

  #stir(): void {
    clearTimeout(this.#silence);
    if (this.#outcome === undefined) this.#silence = setTimeout(() => this.cut(new HttpSilence(this.#silenceMs)), this.#silenceMs);
  }
}
