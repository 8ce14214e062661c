import type { FastifyRequest } from "fastify";
import type { Problem } from "@millrace/core";
import { HttpError } from "../http-error.js";

export type Texts = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parameters of the URL, each once or, where it is repeated, as a list. */
export const textsOf = (request: FastifyRequest): Texts => request.query as Texts;

/**
 * The parameters of a route that takes these alone.
 *
 * @throws {HttpError} `BAD_REQUEST` naming every mistake.
 */
export function readParameters<const N extends string>(request: FastifyRequest, known: readonly N[], check: (name: N, text: string) => string | undefined): Readonly<Partial<Record<N, string>>> {
  const problems: Problem[] = [];
  const found: Partial<Record<N, string>> = {};
  for (const [name, given] of Object.entries(textsOf(request))) {
    if (!(known as readonly string[]).includes(name)) {
      problems.push({ path: name, message: `no such parameter; there is ${known.map((one) => `"${one}"`).join(", ") || "none"}` });
    } else if (typeof given !== "string") problems.push({ path: name, message: "is given more than once" });
    else {
      const wrong = check(name as N, given);
      if (wrong === undefined) found[name as N] = given;
      else problems.push({ path: name, message: wrong });
    }
  }
  if (problems.length > 0) throw new HttpError("BAD_REQUEST", `asking ${request.routeOptions.url}:${problems.map(({ path, message }) => `\n  ${path}: ${message}`).join("")}`, { problems });
  return found;
}
