import net from "node:net";

/** Stands before a server: passes connections on, refuses them, or takes them and does nothing. */
export interface BreakableProxy {
  /** `host:port`. */
  readonly address: string;
  how: "passes" | "fails" | "hangs";
  close(): Promise<void>;
}

/** Starts one before `host:port`. */
export async function startBreakableProxy(before: string): Promise<BreakableProxy> {
  const [host, port] = before.split(":") as [string, string];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    // What is sent tells which way it goes: connections are kept alive.
    const onward = net.connect(Number(port), host);
    onward.on("error", () => {});
    socket.on("data", (chunk) => {
      if (proxy.how === "fails") socket.destroy();
      else if (proxy.how === "passes") onward.write(chunk);
    });
    onward.on("data", (chunk) => socket.write(chunk));
    socket.once("close", () => {
      sockets.delete(socket);
      onward.destroy();
    });
    onward.once("close", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: BreakableProxy = {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    how: "passes",
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
