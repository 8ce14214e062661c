import { createServer } from "node:net";

/** Why a port cannot be listened on at one of the addresses; undefined where it is free on all. */
export async function listenRefusal(port: number, hosts: readonly string[]): Promise<unknown> {
  for (const host of hosts) {
    const error = await new Promise<unknown>((resolve) => {
      const server = createServer();
      server.once("error", resolve);
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
    if (error !== undefined) return error;
  }
  return undefined;
}
