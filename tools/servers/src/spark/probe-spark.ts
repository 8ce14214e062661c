import type * as Driver from "hive-driver";
import { NotYetError } from "../errors/not-yet-error.js";

/** The socket inside a transport of the driver. */
interface Transport {
  getTransport(): { destroy(): void } | undefined;
}

const POLL_MS = 50;

/** Resolves when a Thrift Server has run a statement in a session of its own. */
export async function probeSpark(host: string, port: number, sql: string, signal: AbortSignal): Promise<void> {
  const loaded = (await import("hive-driver")) as typeof Driver & { readonly default?: typeof Driver };
  // CommonJS: what is exported is under `default` in one loader, and beside it in another.
  const driver = loaded.default ?? loaded;
  const { TCLIService, TCLIService_types: types } = driver.thrift as { readonly TCLIService: never; readonly TCLIService_types: { readonly TOperationState: Readonly<Record<string, number>> } };
  const client = new driver.HiveClient(TCLIService, types as never);
  const scheme = new driver.auth.PlainTcpAuthentication({ username: "millrace", password: "any" });
  let socket: ReturnType<Transport["getTransport"]>;
  const watched = {
    // The driver keeps the socket to itself until the server has answered, which it may never do.
    authenticate: (transport: Parameters<typeof scheme.authenticate>[0]) => {
      const answered = scheme.authenticate(transport);
      socket = (transport as unknown as Transport).getTransport();
      return answered;
    },
  };
  const lost = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new NotYetError("the server closed the connection")));
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  const run = async (): Promise<void> => {
    await client.connect({ host, port, options: {} }, new driver.connections.TcpConnection(), watched);
    // HIVE_CLI_SERVICE_PROTOCOL_V10
    const session = await client.openSession({ client_protocol: 9, username: "millrace", password: "any" });
    const operation = await session.executeStatement(sql, { runAsync: true });
    const { FINISHED_STATE, INITIALIZED_STATE, RUNNING_STATE, PENDING_STATE } = types.TOperationState;
    for (;;) {
      const { operationState, errorMessage } = await operation.status(false);
      if (operationState === FINISHED_STATE) break;
      if (operationState === undefined || ![INITIALIZED_STATE, RUNNING_STATE, PENDING_STATE].includes(operationState)) throw new NotYetError(`running "${sql}": ${errorMessage?.split("\n")[0] ?? `state ${operationState}`}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      signal.throwIfAborted();
    }
    await operation.close();
    await session.close();
  };
  const running = run();
  running.catch(() => {});
  lost.catch(() => {});
  try {
    await Promise.race([running, lost]);
  } finally {
    socket?.destroy();
  }
}
