import type { ProblemDocument } from "../http/problem-document.js";
import type { ClientOptions, Fetch, FetchResponse } from "./client-options.js";
import { ConnectionError } from "./connection-error.js";
import { RemoteError } from "./remote-error.js";

/** A request of the client: a JSON body makes it a POST. */
export interface ClientRequest {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Send = (request: ClientRequest, signal: AbortSignal) => Promise<FetchResponse>;

/** Sends requests to `url`, resolving with the response once it is not an error. */
export function sender(url: string, { token, fetch: own }: Pick<ClientOptions, "token" | "fetch">): Send {
  const base = url.replace(/\/+$/, "");
  // Called as a global: browsers refuse it as a method of something else.
  const send: Fetch = own ?? ((target, init) => fetch(target, init));
  return async ({ path, body, headers = {} }, signal) => {
    let response: FetchResponse;
    try {
      response = await send(`${base}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: toJson(body) }),
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new ConnectionError(`asking the server at "${base}"`, { cause, advice: "is it running (`millrace serve`), and is this its address?" });
    }
    if (response.ok) return response;
    throw await refusalOf(response, base);
  };
}

/** The body of a response as JSON. */
export async function readJson<T>(response: FetchResponse): Promise<T> {
  let text: string;
  try {
    text = await response.text();
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new ConnectionError("reading the server's answer: it broke off, or is not JSON", { cause });
  }
}

async function refusalOf(response: FetchResponse, base: string): Promise<RemoteError | ConnectionError> {
  const problem = await readJson<Partial<ProblemDocument>>(response).catch(() => undefined);
  return isProblem(problem) ? new RemoteError(problem) : new ConnectionError(`asking the server at "${base}": status ${response.status}, and no problem document`);
}

export const isProblem = (problem: Partial<ProblemDocument> | undefined): problem is ProblemDocument =>
  typeof problem?.code === "string" && typeof problem.detail === "string" && typeof problem.retryable === "boolean" && typeof problem.status === "number";

/** Instants become ISO texts by themselves; exact integers are text. */
const toJson = (value: unknown): string => JSON.stringify(value, (_key, entry: unknown) => (typeof entry === "bigint" ? entry.toString() : entry));
