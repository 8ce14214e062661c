import type { FastifyInstance } from "fastify";
import type { ServerContext } from "../server-context.js";

/** What machines read: metrics and the OpenAPI document. */
export function addDocumentRoutes(app: FastifyInstance, { metrics }: ServerContext): void {
  app.get("/metrics", { schema: { tags: ["metrics"], summary: "Prometheus metrics", response: { 200: { description: "Text format", content: { "text/plain": { schema: { type: "string" } } } } } } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}
