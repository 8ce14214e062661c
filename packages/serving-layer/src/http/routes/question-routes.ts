import { unknownName } from "@millrace/core";
import type { FastifyInstance } from "fastify";
import { parametersFromTexts } from "../../questions/check-parameters.js";
import { describeQuestion } from "../../questions/describe-question.js";
import { answerResponse, jsonResponse } from "../api-schema.js";
import { HttpError } from "../http-error.js";
import type { ServerContext } from "../server-context.js";
import { readParameters, textsOf } from "./parameters.js";

const text = (description: string) => ({ type: "string", description });

/** `GET /api/questions`, and each question by its name with its parameters in the URL. */
export function addQuestionRoutes(app: FastifyInstance, context: ServerContext): void {
  const { served, cache } = context;
  const tags = ["questions"];
  const questions = served.questions?.all ?? [];

  app.get("/api/questions", { schema: { tags, summary: "Every question with its parameters and the shape of its answer", response: jsonResponse("What can be asked") } }, (request) => {
    readParameters(request, [], () => undefined);
    return { questions: questions.map(describeQuestion) };
  });

  const params = { type: "object", required: ["question"], properties: { question: { type: "string", enum: questions.map(({ name }) => name) } } };
  const querystring = {
    type: "object",
    properties: {
      from: text("First instant, included: ISO with its zone, or a date. Default: one day before `until`"),
      until: text("Last instant, excluded. Default: now, rounded up to the next day (UTC)"),
      granularity: text("second, minute, hour, day, week, month, year or all. Default: the question's own"),
      zone: text("IANA time zone whose calendar cuts the windows. Default UTC"),
      limit: { type: "integer", minimum: 1, description: "Rows of each window. Default: the question's own" },
      types: { type: "boolean", description: "Add `types`: the columns that are text in JSON only (instants, bigints)" },
    },
    additionalProperties: { type: "string", description: "The question's own parameters" },
  };
  app.get("/api/questions/:question", { schema: { tags, summary: "Answer a question", params, querystring, response: answerResponse } }, async (request, reply) => {
    const { question: name } = request.params as { readonly question: string };
    const known = questions.find((question) => question.name === name);
    if (served.questions === undefined || known === undefined) throw new HttpError("UNKNOWN_QUESTION", `asking question ${unknownName(name.slice(0, 100), questions.map((question) => question.name))}`);
    const { types, ...texts } = textsOf(request);
    if (types !== undefined && types !== "true" && types !== "false") {
      const problems = [{ path: "types", message: "true or false is needed" }];
      throw new HttpError("BAD_REQUEST", `asking question "${name}":\n  types: ${problems[0]!.message}`, { problems });
    }
    const prepared = served.questions.prepare(name, parametersFromTexts(known, texts, served.clock.now()));
    const answer = await context.within(reply, (signal) => cache.ask(prepared, signal));
    return reply.type("application/json; charset=utf-8").send(types === "true" ? answer.typedText : answer.text);
  });
}
