import { MissingDriverError, UnavailableError } from "@millrace/core";
import type * as Driver from "hive-driver";
import { HiveAuthenticationError } from "./hive-authentication-error.js";
import type { HiveCalls, HiveSocket, OpenHiveSocket } from "./hive-protocol.js";

/** How the client says who it is. `PLAIN` is what servers with authentication `NONE`, `LDAP`, `PAM` or `CUSTOM` want; `NOSASL` what those with `NOSASL` want. */
export type HiveAuthentication = "PLAIN" | "NOSASL";

/** Where the server is. */
export interface HiveAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly auth: HiveAuthentication;
  /** Options of `tls.connect`; `undefined`: no TLS. */
  readonly tls: object | undefined;
}

/** The socket inside a transport of the driver. */
interface Transport {
  getTransport(): { destroy(): void; setKeepAlive?(on: boolean, afterMs: number): unknown } | undefined;
}

const KEEP_ALIVE_AFTER_MS = 30_000;

/** Connections by `hive-driver`, which is loaded at the first one. */
export function hiveSockets(address: HiveAddress): OpenHiveSocket {
  return async (signal) => {
    const driver = await load();
    return openHiveSocket(driver, address, signal);
  };
}

async function load(): Promise<typeof Driver> {
  try {
    const loaded = (await import("hive-driver")) as typeof Driver & { readonly default?: typeof Driver };
    // CommonJS: what is exported is under `default` in one loader, and beside it in another.
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new MissingDriverError("the Hive engine", "hive-driver", "1.0.0", cause);
  }
}

async function openHiveSocket(driver: typeof Driver, { host, port, user, password, auth, tls }: HiveAddress, signal: AbortSignal): Promise<HiveSocket> {
  signal.throwIfAborted();
  const { TCLIService, TCLIService_types: types } = driver.thrift as { readonly TCLIService: never; readonly TCLIService_types: never };
  const client = new driver.HiveClient(TCLIService, types);
  const scheme = auth === "NOSASL" ? new driver.auth.NoSaslAuthentication() : new driver.auth.PlainTcpAuthentication({ username: user, password });
  let socket: ReturnType<Transport["getTransport"]>;
  // The driver keeps the socket to itself until the server has answered, which it may never do.
  const watched = {
    authenticate: (transport: Parameters<typeof scheme.authenticate>[0]) => {
      const answered = scheme.authenticate(transport);
      socket = (transport as unknown as Transport).getTransport();
      return answered;
    },
  };
  const cut = (): void => socket?.destroy();
  const lost = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new Error("the server closed the connection")));
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  lost.catch(() => {});
  try {
    await Promise.race([lost, client.connect({ host, port, options: tls === undefined ? {} : { ssl: true, ...tls } }, new driver.connections.TcpConnection(), watched)]);
  } catch (cause) {
    cut();
    signal.throwIfAborted();
    // What the server says to a login that it refuses.
    if (cause instanceof Error && cause.message.startsWith("Authentication error")) throw new HiveAuthenticationError(`${host}:${port}`, user, cause);
    throw new UnavailableError(`connecting to the SQL server at ${host}:${port}`, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  socket?.setKeepAlive?.(true, KEEP_ALIVE_AFTER_MS);
  return { calls: new driver.HiveDriver(types, client.getClient()) as unknown as HiveCalls, lost, cut };
}
