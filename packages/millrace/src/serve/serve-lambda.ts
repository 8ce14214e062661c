import type { AnyView, Telemetry } from "@millrace/core";
import type { Questions, Serving } from "@millrace/serving-layer";
import type { HttpServerOptions } from "@millrace/serving-layer/http";
import type { SpeedLayer } from "@millrace/speed-layer";
import type { Lambda } from "../lambda/lambda.js";
import { describeServed } from "./describe-served.js";
import { GenerationHistory } from "./generation-history.js";
import { listDeadLetters } from "./list-dead-letters.js";
import { readyChecks } from "./ready-checks.js";
import { trustOf } from "./trust-of.js";

/** Where and how a lambda is served. */
export interface ServeOptions extends HttpServerOptions {
  /** Closes the server. */
  readonly signal?: AbortSignal;
}

/** A lambda that is being served over HTTP. */
export interface LambdaServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4280`. */
  readonly url: string;
  /** Resolves once the server has closed, for whatever reason. */
  readonly closed: Promise<void>;
  /** Ends the watches, answers what is in flight, stops listening. Safe to call twice. */
  close(): Promise<void>;
}

type Servable = Pick<Lambda<AnyView>, "definitions" | "platform"> & { readonly serving: Pick<Serving<never>, "prepare" | "coverage">; readonly questions: Questions; readonly speed: () => SpeedLayer | undefined; readonly observe: (telemetry: Telemetry) => () => void };

/** Puts an HTTP server before a lambda and resolves once it listens. */
export async function serveLambda(lambda: Servable, { signal, ...options }: ServeOptions): Promise<LambdaServer> {
  signal?.throwIfAborted();
  // Loaded when it is needed: no other command waits for a server's libraries.
  const { createHttpServer } = await import("@millrace/serving-layer/http");
  const { definitions, platform, serving, questions } = lambda;
  const description = describeServed(definitions, platform);
  const trust = trustOf(lambda, serving);
  const history = new GenerationHistory(platform.files);
  const server = await createHttpServer(
    {
      serving,
      views: definitions.views,
      questions,
      clock: platform.clock,
      describe: () => description,
      trust: (own) => trust.read(own),
      generations: (own) => history.list(own),
      deadLetters: (asked, own) => listDeadLetters(lambda, asked, own),
      ready: (own) => readyChecks(platform, definitions.plans, own),
      workers: () => (lambda.speed()?.status().partitions ?? []).map(({ state, ...partition }) => ({ ...partition, inGap: state === "gap" })),
    },
    options,
  );
  const unobserve = lambda.observe(server.telemetry);
  const stop = new AbortController();
  const closed = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }))
    .then(() => server.close())
    .finally(unobserve);
  const stopNow = () => stop.abort();
  signal?.addEventListener("abort", stopNow, { once: true });
  if (signal?.aborted) stopNow();
  const close = (): Promise<void> => {
    signal?.removeEventListener("abort", stopNow);
    stopNow();
    return closed;
  };
  return { url: server.url, closed, close, [Symbol.asyncDispose]: close };
}
