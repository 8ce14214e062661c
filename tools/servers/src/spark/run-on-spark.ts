import type * as Driver from "hive-driver";
import { NotYetError } from "../errors/not-yet-error.js";

/** The socket inside a transport of the driver. */
interface Transport {
  getTransport(): { destroy(): void } | undefined;
}

const POLL_MS = 50;

/** A Thrift Server. */
export interface SparkAddress {
  readonly host: string;
  readonly port: number;
}

/** Runs a statement in a session of its own, and resolves with the texts of its first column: at most 1,000. */
export async function runOnSpark({ host, port }: SparkAddress, sql: string, signal: AbortSignal): Promise<readonly string[]> {
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
  const run = async (): Promise<readonly string[]> => {
    await client.connect({ host, port, options: {} }, new driver.connections.TcpConnection(), watched);
    // HIVE_CLI_SERVICE_PROTOCOL_V10
    const session = await client.openSession({ client_protocol: 9, username: "millrace", password: "any" });
    const operation = await session.executeStatement(sql, { runAsync: true });
    const { FINISHED_STATE, INITIALIZED_STATE, RUNNING_STATE, PENDING_STATE } = types.TOperationState;
    for (;;) {
      const { operationState, errorMessage } = await operation.status(false);
      if (operationState === FINISHED_STATE) break;
      if (operationState === undefined || ![INITIALIZED_STATE, RUNNING_STATE, PENDING_STATE].includes(operationState)) throw new NotYetError(`running "${sql}": ${errorMessage?.split("\n")[0] ?? `state ${String(operationState)}`}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      signal.throwIfAborted();
    }
    operation.setMaxRows(1_000);
    await operation.fetch();
    const texts = operation.getData().flatMap(({ columns }) => columns?.[0]?.stringVal?.values ?? []);
    await operation.close();
    await session.close();
    return texts;
  };
  const running = run();
  running.catch(() => {});
  lost.catch(() => {});
  try {
    return await Promise.race([running, lost]);
  } finally {
    socket?.destroy();
  }
}
