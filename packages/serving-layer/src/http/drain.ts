import type { Server } from "node:http";

/**
 * Counts a server's requests. What it returns ends every connection once no request is being answered any more: also those
 * that a client keeps for later, or opened and never asked anything over, for which closing would wait a minute. From its
 * call on the server takes no new connection.
 */
export function drain(server: Server): () => Promise<void> {
  let answering = 0;
  let onIdle: (() => void) | undefined;
  let draining = false;
  server.on("connection", (socket) => {
    if (draining) socket.destroy();
  });
  server.on("request", (_request, response) => {
    answering++;
    response.once("close", () => {
      if (--answering === 0) onIdle?.();
    });
  });
  return async () => {
    draining = true;
    if (answering > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    server.closeAllConnections();
  };
}
