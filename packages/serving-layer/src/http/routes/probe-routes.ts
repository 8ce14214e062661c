import type { FastifyInstance, FastifyRequest } from "fastify";
import { jsonResponse } from "../api-schema.js";
import type { ServerContext } from "../server-context.js";

/** `healthz` and `readyz`, which need no token. Reasons are told to those who have it. */
export function addProbeRoutes(app: FastifyInstance, context: ServerContext, authorized: (request: FastifyRequest) => boolean): void {
  const config = { rateLimit: false };
  const tags = ["probes"];
  app.get("/healthz", { config, schema: { tags, summary: "The process lives", response: jsonResponse("It does"), security: [] } }, () => ({ status: "alive" }));
  app.get("/readyz", { config, schema: { tags, summary: "Log, store, files and the current generation can be read", response: jsonResponse("They can"), security: [] } }, async (request, reply) => {
    const checks = await context.within(reply, (signal) => context.served.ready(signal));
    const ready = checks.every(({ ok }) => ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready", ...(authorized(request) ? { checks } : {}) });
  });
}
