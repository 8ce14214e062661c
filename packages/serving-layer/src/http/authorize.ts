import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { HttpError } from "./http-error.js";

/** Whether a request carries the token. Takes the same time whatever it carries; true where there is no token. */
export function authorizer(token: string | undefined): (request: FastifyRequest) => boolean {
  if (token === undefined) return () => true;
  const wanted = digest(token);
  return ({ headers: { authorization } }) => {
    const given = /^bearer +(.+)$/i.exec(authorization ?? "")?.[1]?.trim();
    return timingSafeEqual(digest(given ?? ""), wanted) && given !== undefined;
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

export const unauthorized = (): HttpError =>
  new HttpError("UNAUTHORIZED", "asking the server: the request carries no valid token", { advice: "send the header `Authorization: Bearer TOKEN` with the server's token" });
