import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A schema registry with the part of Confluent's REST interface that readers use: `/schemas/ids/:id`. */
export async function registryServer(schemas: Readonly<Record<number, unknown>>) {
  const asked: number[] = [];
  /** Answers 503 to so many requests to come. */
  let failures = 0;
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown) => response.writeHead(status, { "content-type": "application/vnd.schemaregistry.v1+json" }).end(JSON.stringify(body));
    const [, id] = /^\/schemas\/ids\/(\d+)$/.exec(request.url ?? "") ?? [];
    if (id === undefined) return send(404, { error_code: 404, message: "HTTP 404 Not Found" });
    asked.push(Number(id));
    if (failures > 0) {
      failures--;
      return send(503, { error_code: 50_003, message: "the leader is away" });
    }
    const schema = schemas[Number(id)];
    if (schema === undefined) return send(404, { error_code: 40_403, message: "Schema not found" });
    if (schema === "PROTOBUF") return send(200, { schema: 'syntax = "proto3";', schemaType: "PROTOBUF" });
    return send(200, { schema: JSON.stringify(schema) });
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    fail: (times: number) => {
      failures = times;
    },
    stop,
    start: () => listen(port),
    async close() {
      if (server.listening) await stop();
    },
  };
}
