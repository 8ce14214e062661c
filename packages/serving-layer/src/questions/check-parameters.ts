import { describe, unknownName, type Granularity, type ParameterDefinition, type Problem, type QuestionDefinition, type ResolvedParameters } from "@millrace/core";
import { parseInstant } from "../query/query-input.js";
import { QuestionError } from "./question-error.js";

const COMMON = ["from", "until", "granularity", "zone", "limit"] as const;
const DAY_MS = 86_400_000;

/** A question's parameters before they are checked: values, or texts as a command line and a URL have them. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/**
 * The parameters of a question, checked, with defaults filled in. Nothing is taken on trust: they also come from command
 * lines and sockets.
 *
 * @throws {QuestionError} naming every mistake.
 */
export function checkParameters(question: QuestionDefinition, given: GivenParameters): ResolvedParameters {
  const problems: Problem[] = [];
  const problem = (path: string, message: string) => void problems.push({ path, message });
  if (typeof given !== "object" || given === null) throw new QuestionError(question.name, [{ path: "parameters", message: `must be an object, not ${describe(given)}` }]);
  const known = [...COMMON, ...Object.keys(question.parameters)];
  for (const [name, value] of Object.entries(given)) if (value !== undefined && !known.includes(name)) problem(name, `no such parameter: ${unknownName(name, known)}`);

  const from = instant(given["from"], "from", problem);
  const until = instant(given["until"], "until", problem);
  if (from >= until) problem("until", "must lie after `from`");
  const granularity = (given["granularity"] ?? question.granularity) as Granularity | "all";
  if (!question.granularities.includes(granularity)) problem("granularity", `${describe(granularity)} is none of ${question.granularities.map(describe).join(", ")}`);
  const zone = zoneOf(given["zone"], problem);
  const limit = given["limit"] ?? question.limit;
  if (limit !== null && !(typeof limit === "number" && Number.isSafeInteger(limit) && limit >= 1)) problem("limit", `must be a whole number of at least 1, not ${describe(limit)}`);
  const own: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(question.parameters)) {
    const value = given[name] ?? definition.default;
    if (value !== definition.default) checkOwn(name, definition, value, problem);
    own[name] = value;
  }
  if (problems.length > 0) throw new QuestionError(question.name, problems);
  return { from, until, granularity, zone, limit: limit as number | null, own };
}

/**
 * Parameters from texts: instants in ISO form (a date alone is midnight UTC). Without `until` the range ends with the day of
 * `now` (epoch ms, UTC); without `from` it is one day long.
 *
 * @throws {QuestionError} naming every mistake of form; `checkParameters` judges the rest.
 */
export function parametersFromTexts(question: QuestionDefinition, texts: Readonly<Record<string, string | readonly string[] | undefined>>, now: number): GivenParameters {
  const problems: Problem[] = [];
  const given: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) continue;
    if (typeof text !== "string") problems.push({ path: name, message: "is given more than once" });
    else {
      const value = fromText(name, text, Object.hasOwn(question.parameters, name) ? question.parameters[name] : undefined);
      if (value === undefined) problems.push({ path: name, message: `${wanted(name, question.parameters[name])} is needed, not ${describe(text)}` });
      given[name] = value;
    }
  }
  if (problems.length > 0) throw new QuestionError(question.name, problems);
  const until = given["until"] ?? new Date(Math.ceil((now + 1) / DAY_MS) * DAY_MS);
  return { ...given, until, from: given["from"] ?? (until instanceof Date ? new Date(until.getTime() - DAY_MS) : undefined) };
}

function fromText(name: string, text: string, own: ParameterDefinition | undefined): unknown {
  if (own !== undefined) {
    if (own.kind === "count") return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (own.kind === "flag") return text === "true" ? true : text === "false" ? false : undefined;
    return text;
  }
  if (name === "from" || name === "until") return parseInstant(text);
  if (name === "limit") return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return text;
}

function wanted(name: string, own: ParameterDefinition | undefined): string {
  if (own?.kind === "flag") return "true or false";
  return own?.kind === "count" || name === "limit" ? "a whole number" : "an ISO instant with its zone, such as 2025-01-06T00:00:00Z,";
}

type Tell = (path: string, message: string) => void;

function instant(value: unknown, path: string, problem: Tell): number {
  const ms = value instanceof Date ? value.getTime() : typeof value === "number" ? value : Number.NaN;
  // The bound of Date: 100 million days around 1970.
  if (Number.isInteger(ms) && Math.abs(ms) <= 8.64e15) return ms;
  problem(path, `must be a valid Date, or epoch milliseconds, not ${describe(value)}`);
  return Number.NaN;
}

function zoneOf(value: unknown, problem: Tell): string {
  if (value === undefined) return "UTC";
  try {
    // Checks the name; offsets such as "+05:30" are no IANA zones, and not every Node knows them.
    if (typeof value === "string" && /^[A-Za-z]/.test(value)) return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    // Told below.
  }
  problem("zone", `${describe(value)} is not an IANA time zone such as "America/New_York"`);
  return "UTC";
}

function checkOwn(name: string, { kind, values }: ParameterDefinition, value: unknown, problem: Tell): void {
  if (kind === "count" && !(typeof value === "number" && Number.isSafeInteger(value) && value >= 0)) problem(name, `must be a whole number of 0 or more, not ${describe(value)}`);
  if (kind === "flag" && typeof value !== "boolean") problem(name, `must be true or false, not ${describe(value)}`);
  if (kind === "text" && typeof value !== "string") problem(name, `must be a text, not ${describe(value)}`);
  if (kind === "choice" && !values!.includes(value as string)) problem(name, `${describe(value)} is none of ${values!.map(describe).join(", ")}`);
}
