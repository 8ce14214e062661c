import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface TakenRow {
  readonly n: number;
  readonly text: string;
}

/** How the endpoint answers a request: as it should, or not. */
export type Conduct = "takes" | "refuses" | "hangs" | "takes and hangs" | "takes and breaks off" | "takes a part" | "forbids";

/** A webhook's endpoint as one should be: it keeps each batch under its key once, and answers a repeat as it did before. */
export async function webhookServer() {
  const batches = new Map<string, readonly TakenRow[]>();
  /** Keys of all requests, in the order they came. */
  const requests: string[] = [];
  let conduct = (_request: number): Conduct => "takes";
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const how = conduct(requests.length);
    const key = request.headers["idempotency-key"] as string;
    requests.push(key);
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const { rows } = JSON.parse(Buffer.concat(body).toString()) as { rows: readonly TakenRow[] };
    if (how === "refuses") return void response.writeHead(503).end("restarting");
    if (how === "forbids") return void response.writeHead(422).end("unknown field");
    if (how === "hangs") return;
    if (how === "takes a part") {
      batches.set(key, rows.slice(0, 1));
      return void response.writeHead(207).end(JSON.stringify({ failed: rows.map((_, i) => i).slice(1) }));
    }
    // Rows taken in part before are replaced by all.
    batches.set(key, rows);
    if (how === "takes and hangs") return;
    if (how === "takes and breaks off") return void request.socket.destroy();
    response.writeHead(200).end();
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    requests,
    batches,
    rows: () => [...batches.values()].flat(),
    /** From now on; `request` counts them, from 0. */
    behave: (how: Conduct | ((request: number) => Conduct)) => {
      conduct = typeof how === "string" ? () => how : how;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
