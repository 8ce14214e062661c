import { systemClock, type Telemetry } from "@millrace/core";
import cors from "@fastify/cors";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import type { AddressInfo } from "node:net";
import { AnswerCache } from "./answer-cache.js";
import { authorizer, unauthorized } from "./authorize.js";
import { drain } from "./drain.js";
import { HttpError } from "./http-error.js";
import { createHttpMetrics } from "./http-metrics.js";
import { ListenError } from "./listen-error.js";
import { OpenWatches } from "./open-watches.js";
import { addPageRoutes } from "./page/page-routes.js";
import { isMillraceError, problemOf } from "./problem-document.js";
import { withinDeadline } from "./request-signal.js";
import { addDocumentRoutes } from "./routes/document-routes.js";
import { addQuestionRoutes } from "./routes/question-routes.js";
import { addProbeRoutes } from "./routes/probe-routes.js";
import { addStateRoutes } from "./routes/state-routes.js";
import { addViewRoutes } from "./routes/view-routes.js";
import { addWatchRoute } from "./routes/watch-route.js";
import type { Served } from "./served.js";
import type { ServerContext } from "./server-context.js";
import { addWorkerGauges } from "./worker-gauges.js";
import { isLoopback, resolveHttpOptions, type HttpServerOptions } from "./server-options.js";

/** A server that listens. */
export interface HttpServer {
  /** Such as `http://127.0.0.1:4280`. */
  readonly url: string;
  /** Counts what the layers of this process say, for `/metrics`. */
  readonly telemetry: Telemetry;
  /** Ends the watches, answers what is in flight and stops listening. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves a lambda over HTTP and resolves once it listens.
 *
 * @throws {ConfigurationError} when an option is wrong, also a host that other machines reach without a token.
 * @throws {ListenError} when the address cannot be had.
 */
export async function createHttpServer(served: Served, options: HttpServerOptions = {}): Promise<HttpServer> {
  const resolved = resolveHttpOptions(options, options.timers ?? systemClock());
  const { host, port, token, onError } = resolved;
  const closing = new AbortController();
  const metrics = createHttpMetrics();
  addWorkerGauges(metrics.registry, () => served.workers?.() ?? []);
  const context: ServerContext = {
    served,
    options: resolved,
    metrics,
    watches: new OpenWatches(resolved.maxWatches, metrics),
    cache: new AnswerCache(resolved.cacheBytes),
    closing: closing.signal,
    within: (reply, job) => withinDeadline(reply, resolved.timers, resolved.deadlineMs, job),
    tell: (error) => {
      const { status, code } = problemOf(error);
      metrics.refused(code);
      if (status === 500) onError(error);
    },
  };
  const refuse = (error: unknown, reply: FastifyReply): FastifyReply => {
    const own = fromFastify(error);
    context.tell(own);
    const document = problemOf(own);
    if (own instanceof HttpError && own.retryAfterSeconds !== undefined) reply.header("retry-after", own.retryAfterSeconds);
    if (document.status === 401) reply.header("www-authenticate", "Bearer");
    return reply.code(document.status).type("application/problem+json; charset=utf-8").send(JSON.stringify(document));
  };

  const app = fastify({
    logger: false,
    bodyLimit: resolved.maxBodyBytes,
    // A client that sends its request a byte at a time holds no connection for ever.
    requestTimeout: 30_000,
    // As long as Node lets a URL be, so that a long name is an unknown one.
    routerOptions: { maxParamLength: 16_384 },
    // What arrives on open connections while closing is answered too.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => void refuse(error, reply as unknown as FastifyReply),
  });
  app.removeContentTypeParser("text/plain");
  const drained = drain(app.server);
  // The planner checks queries; the schemas are for the OpenAPI document.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, _request, reply) => refuse(error, reply));
  app.setNotFoundHandler((request, reply) => refuse(new HttpError("NOT_FOUND", `asking ${request.method} "${pathOf(request.url)}": there is no such route`, { advice: "GET /openapi.json lists the routes" }), reply));
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    if (!route.endsWith("/watch")) metrics.requestServed(route, request.method, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
  // A page that points its own name at this machine must not read answers through its visitor's browser.
  if (token === undefined) {
    app.addHook("onRequest", (request, _reply, done) => {
      const name = hostNameOf(request.headers.host);
      if (isLoopback(name)) done();
      else done(new HttpError("FORBIDDEN_HOST", `asking for the host "${name.slice(0, 100)}": without a token the server answers to loopback names alone`, { advice: "ask for 127.0.0.1 or localhost, or give the server a token" }));
    });
  }
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Millrace", description: "Views answered exactly, from batch and speed.", version: "1" },
      ...(token === undefined ? {} : { components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } }, security: [{ token: [] }] }),
    },
  });
  if (resolved.corsOrigins.length > 0) {
    await app.register(cors, { origin: [...resolved.corsOrigins], methods: ["GET", "POST"], allowedHeaders: ["authorization", "content-type", "last-event-id"], maxAge: 600 });
  }
  await app.register(rateLimit, {
    max: resolved.maxRequestsPerSecond,
    timeWindow: 1_000,
    errorResponseBuilder: () => new HttpError("TOO_MANY_REQUESTS", `asking: more than ${resolved.maxRequestsPerSecond} requests of one address within a second`, { retryAfterSeconds: 1 }),
  });
  const authorized = authorizer(token);
  addProbeRoutes(app, context, authorized);
  addPageRoutes(app);
  await app.register((scope: FastifyInstance, _options, done) => {
    scope.addHook("onRequest", (request, _reply, next) => (authorized(request) ? next() : next(unauthorized())));
    addViewRoutes(scope, context);
    addWatchRoute(scope, context);
    addStateRoutes(scope, context);
    addQuestionRoutes(scope, context);
    addDocumentRoutes(scope, context);
    done();
  });
  app.addHook("preClose", (done) => {
    closing.abort();
    done();
  });
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw new ListenError(host, port, cause);
  }
  const close = async (): Promise<void> => {
    const closed = app.close();
    await drained();
    await closed;
  };
  const address = app.server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    telemetry: metrics.telemetry,
    close: () => (closed ??= close()),
  };
}

/** The framework's own refusals in our words; a text of its own might repeat what the client sent. */
function fromFastify(error: unknown): unknown {
  if (isMillraceError(error)) return error;
  const { statusCode, code } = error as Partial<FastifyError>;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new HttpError("BODY_TOO_LARGE", "reading the body: it is larger than the server takes", { cause: error });
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new HttpError("MEDIA_TYPE", "reading the body: it is not declared as JSON", { advice: "send the header `Content-Type: application/json`", cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new HttpError("BAD_REQUEST", code === "FST_ERR_BAD_URL" ? "reading the URL: it is not well encoded" : "reading the body: it is not well-formed JSON", { cause: error });
  return error;
}

const pathOf = (url: string): string => url.split("?")[0]!.slice(0, 200);

const hostNameOf = (host: string | undefined): string => (host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
