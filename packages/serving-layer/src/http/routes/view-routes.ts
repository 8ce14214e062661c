import { unknownName, type ViewDefinition } from "@millrace/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Readable } from "node:stream";
import { checkQueryInput } from "../../query/check-query-input.js";
import { queryFromJson, queryFromTexts, type QueryInput } from "../../query/query-input.js";
import type { PreparedQuery } from "../../serving.js";
import type { AnswerText } from "../answer-cache.js";
import { answerResponse, eventsResponse, queryBody, queryParameters, viewParameter } from "../api-schema.js";
import { eventStream } from "../event-stream.js";
import { HttpError } from "../http-error.js";
import type { ServerContext } from "../server-context.js";
import { textsOf } from "./parameters.js";

interface Asked {
  readonly prepared: PreparedQuery;
  /** Whether the client wants to know which columns are text in JSON only. */
  readonly typed: boolean;
}

const GRANULARITIES = ["second", "minute", "hour", "day", "week", "month", "year", "all"];

/** `rows`, `query` and `watch` of every view. */
export function addViewRoutes(app: FastifyInstance, context: ServerContext): void {
  const { served, options, cache, metrics } = context;
  const views = new Map(served.views.map((view) => [view.name, view]));
  const params = viewParameter([...views.keys()]);
  const tags = ["views"];

  const viewOf = (request: FastifyRequest): ViewDefinition => {
    const { view: name } = request.params as { readonly view: string };
    const view = views.get(name);
    if (view === undefined) throw new HttpError("UNKNOWN_VIEW", `asking view ${unknownName(name.slice(0, 100), [...views.keys()])}`);
    return view;
  };
  const prepare = (view: ViewDefinition, input: QueryInput) => served.serving.prepare(view.name, checkQueryInput(view, input));

  const fromUrl = (request: FastifyRequest): Asked => {
    const view = viewOf(request);
    const { types, ...texts } = textsOf(request);
    const input = queryFromTexts(view, texts, served.clock.now());
    return { prepared: prepare(view, withTypes(input, types)), typed: types === "true" };
  };
  const fromBody = (request: FastifyRequest): Asked => {
    const view = viewOf(request);
    const { types, ...others } = textsOf(request);
    const input = queryFromJson(view, request.body, served.clock.now());
    const misplaced = Object.keys(others).map((name) => ({ path: name, message: 'a query in the body takes no parameter but "types"' }));
    return { prepared: prepare(view, withTypes({ ...input, problems: [...misplaced, ...input.problems] }, types)), typed: types === "true" };
  };

  const ask = async ({ prepared, typed }: Asked, signal: AbortSignal): Promise<Pick<AnswerText, "id" | "text">> => {
    const stop = metrics.timeQuery(prepared.view.name);
    const answer = await cache.ask(prepared, signal);
    stop(answer.from);
    return { id: answer.id, text: typed ? answer.typedText : answer.text };
  };
  const answer = async (asked: Asked, reply: FastifyReply): Promise<FastifyReply> => {
    const { text } = await context.within(reply, (signal) => ask(asked, signal));
    return reply.type("application/json; charset=utf-8").send(text);
  };

  const watch = (asked: Asked, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const closed = context.watches.open(`watching view "${asked.prepared.view.name}"`);
    const own = new AbortController();
    const stop = () => own.abort();
    context.closing.addEventListener("abort", stop, { once: true });
    if (context.closing.aborted) stop();
    reply.raw.once("close", () => {
      stop();
      context.closing.removeEventListener("abort", stop);
      closed();
    });
    const lastEventId = request.headers["last-event-id"];
    const events = eventStream(
      {
        ask: (signal) => ask(asked, signal),
        lastEventId: typeof lastEventId === "string" ? lastEventId : undefined,
        timers: options.timers,
        pollMs: options.pollMs,
        heartbeatMs: options.heartbeatMs,
        deadlineMs: options.deadlineMs,
        onError: (error) => context.tell(error),
      },
      own.signal,
    );
    return reply
      .type("text/event-stream; charset=utf-8")
      .header("cache-control", "no-store")
      // Proxies that buffer would hold events back.
      .header("x-accel-buffering", "no")
      .send(Readable.from(events, { objectMode: false, highWaterMark: 1 }));
  };

  const parameters = queryParameters(GRANULARITIES);
  const body = queryBody(GRANULARITIES);
  app.get("/api/views/:view/rows", { schema: { tags, summary: "Answer a query from batch and speed, exactly", params, querystring: parameters, response: answerResponse } }, (request, reply) => answer(fromUrl(request), reply));
  app.post("/api/views/:view/query", { schema: { tags, summary: "The same, the query as JSON", params, body, response: answerResponse } }, (request, reply) => answer(fromBody(request), reply));
  app.get("/api/views/:view/watch", { schema: { tags, summary: "Answer now, and again whenever the rows have changed", params, querystring: parameters, response: eventsResponse } }, (request, reply) => watch(fromUrl(request), request, reply));
  app.post("/api/views/:view/watch", { schema: { tags, summary: "The same, the query as JSON", params, body, response: eventsResponse } }, (request, reply) => watch(fromBody(request), request, reply));
}

const withTypes = (input: QueryInput, types: unknown): QueryInput =>
  types === undefined || types === "true" || types === "false" ? input : { ...input, problems: [...input.problems, { path: "types", message: "true or false is needed" }] };
