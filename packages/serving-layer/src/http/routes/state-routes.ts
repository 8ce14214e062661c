import { unknownName } from "@millrace/core";
import type { FastifyInstance } from "fastify";
import { jsonResponse } from "../api-schema.js";
import { HttpError } from "../http-error.js";
import type { ServerContext } from "../server-context.js";
import { readParameters } from "./parameters.js";

const DEAD_LETTERS = { limit: 100, most: 1_000 };
const GENERATIONS = { limit: 100, most: 1_000 };

/** What is there, and why it can be believed: the lambda, trust, generations and dead letters. */
export function addStateRoutes(app: FastifyInstance, context: ServerContext): void {
  const { served } = context;
  const tags = ["state"];
  const none = () => undefined;
  const limit = { type: "integer", minimum: 1 };

  app.get("/api/lambda", { schema: { tags, summary: "Views, streams, models and outputs", response: jsonResponse("What is served") } }, (request) => {
    readParameters(request, [], none);
    return served.describe();
  });

  app.get("/api/trust", { schema: { tags, summary: "How far both layers are, per topic and partition", response: jsonResponse("Offsets, cut, chain, watermark, lag, late events, dead letters") } }, (request, reply) => {
    readParameters(request, [], none);
    return context.within(reply, (signal) => served.trust(signal));
  });

  app.get(
    "/api/generations",
    { schema: { tags, summary: "The newest generations, oldest first", querystring: { type: "object", properties: { limit } }, response: jsonResponse("Cut, duration and drift of each") } },
    async (request, reply) => {
      const parameters = readParameters(request, ["limit"], (_, text) => countProblem(text, GENERATIONS.most));
      const all = await context.within(reply, (signal) => served.generations(signal));
      return { generations: all.slice(-Number(parameters.limit ?? GENERATIONS.limit)) };
    },
  );

  app.get(
    "/api/dead-letters",
    { schema: { tags, summary: "The oldest records that could not be decoded", querystring: { type: "object", properties: { topic: { type: "string" }, limit } }, response: jsonResponse("Coordinates, reason and raw value of each") } },
    async (request, reply) => {
      const parameters = readParameters(request, ["topic", "limit"], (name, text) => (name === "limit" ? countProblem(text, DEAD_LETTERS.most) : undefined));
      const topics = served.describe().streams.map(({ topic }) => topic);
      if (parameters.topic !== undefined && !topics.includes(parameters.topic)) throw new HttpError("UNKNOWN_TOPIC", `looking for dead letters of topic ${unknownName(parameters.topic.slice(0, 100), topics)}`);
      const { letters, more } = await context.within(reply, (signal) => served.deadLetters({ topic: parameters.topic, limit: Number(parameters.limit ?? DEAD_LETTERS.limit) }, signal));
      return { deadLetters: letters, more };
    },
  );
}

const countProblem = (text: string, most: number): string | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most ? undefined : `a whole number from 1 to ${most} is needed`;
