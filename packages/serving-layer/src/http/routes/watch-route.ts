import { unknownName, type Problem } from "@millrace/core";
import type { FastifyInstance } from "fastify";
import { Readable } from "node:stream";
import { checkQueryInput } from "../../query/check-query-input.js";
import { queryFromJson } from "../../query/query-input.js";
import { eventsResponse } from "../api-schema.js";
import { HttpError } from "../http-error.js";
import { CALENDAR_WINDOWS, queryAt, rollingRangeOf } from "../rolling-range.js";
import type { ServerContext } from "../server-context.js";
import { watchSeveral, type SharedWatch } from "../watch-several.js";

/** Watches of one connection, at most. */
const MAX_SHARED = 64;
const BEAT_MS = 1_000;

const watchesBody = {
  type: "object",
  required: ["watches"],
  properties: {
    watches: {
      type: "array",
      maxItems: MAX_SHARED,
      items: {
        type: "object",
        required: ["id", "view", "query"],
        properties: {
          id: { type: "string", description: "Names the watch in its events" },
          view: { type: "string" },
          query: { type: "object", additionalProperties: true, description: "The options of `lambda.query`" },
          last: {
            type: "object",
            description: "Instead of the query's `from` and `until`: a range that ends now and moves with the clock",
            properties: {
              ms: { type: "integer", description: "The last so many ms" },
              since: { type: "string", enum: CALENDAR_WINDOWS, description: "Instead of `ms`: what there was of the current hour, day, week, month or year of the query's zone" },
              stepMs: { type: "integer", description: "It moves on by this" },
              backMs: { type: "integer", description: "With `ms`: it ends so long before now" },
              whole: { type: "boolean", description: "With `ms`: whether it ends before the step that now lies in" },
            },
          },
          has: { type: "string", description: "The `state` that the client has already" },
        },
      },
    },
  },
};

/** `POST /api/watch`: what the live page asks, over the one connection that a browser can spare. */
export function addWatchRoute(app: FastifyInstance, context: ServerContext): void {
  app.post(
    "/api/watch",
    { schema: { tags: ["views"], summary: "Watch several queries over one connection", body: watchesBody, response: eventsResponse } },
    (request, reply) => {
      const watches = readWatches(request.body, context);
      const closed = context.watches.open("watching several queries");
      const own = new AbortController();
      const stop = () => own.abort();
      context.closing.addEventListener("abort", stop, { once: true });
      if (context.closing.aborted) stop();
      reply.raw.once("close", () => {
        stop();
        context.closing.removeEventListener("abort", stop);
        closed();
      });
      const { timers, pollMs, deadlineMs } = context.options;
      const events = watchSeveral(watches, { clock: context.served.clock, timers, pollMs, deadlineMs, beatMs: BEAT_MS, onError: context.tell }, own.signal);
      return reply
        .type("text/event-stream; charset=utf-8")
        .header("cache-control", "no-store")
        // Proxies that buffer would hold events back.
        .header("x-accel-buffering", "no")
        .send(Readable.from(events, { objectMode: false, highWaterMark: 1 }));
    },
  );
}

/** @throws {HttpError} `BAD_REQUEST` when it is no list of watches. A query that its view does not take is that watch's refusal. */
function readWatches(body: unknown, { served, cache, metrics }: ServerContext): readonly SharedWatch[] {
  const problems: Problem[] = [];
  const given: unknown = (body as { readonly watches?: unknown } | null)?.watches;
  if (!Array.isArray(given) || given.length > MAX_SHARED) {
    throw new HttpError("BAD_REQUEST", `watching: \`watches\` must be a list of at most ${MAX_SHARED}`, { problems: [{ path: "watches", message: `a list of at most ${MAX_SHARED} is needed` }] });
  }
  const ids = new Set<string>();
  const watches = given.map((one: unknown, i): SharedWatch | undefined => {
    const { id, view: name, query, last, has } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const before = problems.length;
    if (typeof id !== "string" || id === "" || ids.has(id)) problems.push({ path: `watches[${i}].id`, message: "a text of its own is needed" });
    else ids.add(id);
    if (has !== undefined && typeof has !== "string") problems.push({ path: `watches[${i}].has`, message: "a text is needed" });
    const view = served.views.find((known) => known.name === name);
    if (view === undefined) problems.push({ path: `watches[${i}].view`, message: `there is no view ${unknownName(String(name).slice(0, 100), served.views.map((known) => known.name))}` });
    const rolling = last === undefined ? undefined : rollingRangeOf(last);
    if (rolling !== undefined && "problems" in rolling) problems.push(...rolling.problems.map(({ path, message }) => ({ path: `watches[${i}].${path}`, message })));
    if (problems.length > before || view === undefined) return undefined;
    return {
      id: id as string,
      has: has as string | undefined,
      ask: async (signal) => {
        const now = served.clock.now();
        const checked = checkQueryInput(view, queryFromJson(view, query, now));
        const ranged = rolling !== undefined && "range" in rolling ? queryAt(view, checked, rolling.range, now) : checked;
        const stop = metrics.timeQuery(view.name);
        const answer = await cache.ask(served.serving.prepare(view.name, ranged), signal);
        stop(answer.from);
        return { state: answer.id, from: Number(ranged.from), until: Number(ranged.until), text: answer.typedText };
      },
    };
  });
  if (problems.length > 0) throw new HttpError("BAD_REQUEST", `watching:${problems.map(({ path, message }) => `\n  ${path}: ${message}`).join("")}`, { problems });
  return watches.filter((watch) => watch !== undefined);
}
