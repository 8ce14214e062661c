// What the OpenAPI document says. Requests are checked by the planner, which knows the views, and not by these schemas.

const instant = { type: "string", description: "ISO instant with its zone; a date alone is midnight UTC" };

/** Of `rows` and `watch`. */
export const queryParameters = (granularities: readonly string[]) => ({
  type: "object",
  properties: {
    from: { ...instant, description: "First instant, included. Default: one day before `until`" },
    until: { ...instant, description: "Last instant, excluded. Default: now, rounded up to the next day (UTC)" },
    granularity: { type: "string", enum: granularities, description: "Default: the view's own" },
    zone: { type: "string", description: "IANA time zone whose calendar cuts the windows. Default UTC" },
    by: { type: "string", description: "Dimensions to tell apart, with commas. Default: all; an empty text is none" },
    where: { type: "array", items: { type: "string" }, description: "`column=value`; the same column twice is either value; an empty value of a nullable column is null" },
    orderBy: { type: "string", description: "A column of the answer and a direction: `plays desc`" },
    limit: { type: "integer", minimum: 1, description: "Rows of the answer" },
    limitPerWindow: { type: "integer", minimum: 1, description: "Rows of a window" },
    fill: { type: "string", enum: ["zero"], description: "Add windows without rows" },
    allowIncomplete: { type: "boolean", description: "Answer although records are missing, flagged, instead of refusing" },
    split: { type: "boolean", description: "Add to each row what of its counts and sums is batch and what is speed" },
    types: { type: "boolean", description: "Add `types`: the columns that are text in JSON only (instants, bigints)" },
  },
});

export const queryBody = (granularities: readonly string[]) => ({
  type: "object",
  description: "The options of `lambda.query`; instants as ISO text or epoch ms, exact integers as text",
  properties: {
    from: { oneOf: [instant, { type: "number" }] },
    until: { oneOf: [instant, { type: "number" }] },
    granularity: { type: "string", enum: granularities },
    zone: { type: "string" },
    by: { type: "array", items: { type: "string" } },
    where: { type: "object", additionalProperties: true },
    orderBy: { type: "string" },
    limit: { type: "integer", minimum: 1 },
    limitPerWindow: { type: "integer", minimum: 1 },
    fill: { type: "string", enum: ["zero"] },
    allowIncomplete: { type: "boolean" },
    split: { type: "boolean" },
  },
});

export const viewParameter = (views: readonly string[]) => ({ type: "object", required: ["view"], properties: { view: { type: "string", enum: views } } });

const problem = {
  description: "Refused",
  content: {
    "application/problem+json": {
      schema: {
        type: "object",
        required: ["type", "title", "status", "detail", "code", "retryable"],
        properties: {
          type: { type: "string" },
          title: { type: "string" },
          status: { type: "integer" },
          detail: { type: "string" },
          code: { type: "string" },
          retryable: { type: "boolean" },
          advice: { type: "string" },
          problems: { type: "array", items: { type: "object", properties: { path: { type: "string" }, message: { type: "string" } } } },
          reason: { type: "string" },
          ranges: { type: "array", items: { type: "object", additionalProperties: true } },
        },
      },
    },
  },
};

export const answerResponse = {
  200: {
    description: "Rows and what they are made of",
    content: { "application/json": { schema: { type: "object", properties: { rows: { type: "array", items: { type: "object", additionalProperties: true } }, envelope: { type: "object", additionalProperties: true } } } } },
  },
  "4xx": problem,
  "5xx": problem,
};

export const eventsResponse = {
  200: { description: "Server-sent events: `answer` with rows and envelope, `error` with a problem", content: { "text/event-stream": { schema: { type: "string" } } } },
  "4xx": problem,
  "5xx": problem,
};

export const jsonResponse = (description: string) => ({
  200: { description, content: { "application/json": { schema: { type: "object", additionalProperties: true } } } },
  "4xx": problem,
  "5xx": problem,
});
