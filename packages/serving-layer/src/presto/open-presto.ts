/// <reference path="./presto-client.d.ts" />
import { MissingDriverError } from "@millrace/core";
import { exactJson } from "./exact-json.js";
import { PrestoLostError, PrestoRefusedError, type OpenPresto, type PrestoPage, type PrestoRequests, type PrestoStatement } from "./presto-protocol.js";

/** Where the server is, and who asks. */
export interface PrestoAddress {
  readonly dialect: "presto" | "trino";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** For servers that ask for one, which they do over TLS alone. */
  readonly password: string | undefined;
  readonly catalog: string;
  readonly schema: string;
  /** Options of Node's `https.Agent`; `undefined`: no TLS. */
  readonly tls: object | undefined;
}

/** What of the package is used. */
interface Driver {
  readonly Client: new (options: Readonly<Record<string, unknown>>) => {
    request(target: object | string, answered: (error: Error | null, status: number | undefined, body: unknown) => void): DriverRequest | undefined;
  };
}

interface DriverRequest {
  destroy(): void;
  on(event: "response", listener: (response: { readonly complete: boolean; on(event: "close", listener: () => void): void }) => void): void;
}

/** What is longer is no sentence for people: pages of a proxy, stacks. */
const MAX_TOLD = 300;
/** A server that has too much to do says so, and wants to be asked again. */
const BUSY = [502, 503, 504];

/** Requests by `presto-client`, which is loaded with the first one. */
export function prestoRequests(address: PrestoAddress): OpenPresto {
  return async () => requestsOf(await load(), address);
}

async function load(): Promise<Driver> {
  try {
    const loaded = (await import("presto-client")) as Driver & { readonly default?: Driver };
    // CommonJS: what is exported is under `default` in one loader, and beside it in another.
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new MissingDriverError("the Presto engine", "presto-client", "1.2.0", cause);
  }
}

function requestsOf(driver: Driver, { dialect, host, port, user, password, catalog, schema, tls }: PrestoAddress): PrestoRequests {
  const client = new driver.Client({
    engine: dialect,
    host,
    port,
    user,
    source: "millrace",
    jsonParser: exactJson,
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(password === undefined ? {} : { basic_auth: { user, password } }),
  });
  const prefix = dialect === "trino" ? "X-Trino-" : "X-Presto-";
  const send = (target: object | string, signal: AbortSignal): Promise<PrestoPage> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => {
        reject(signal.reason as Error);
        request?.destroy();
      };
      signal.addEventListener("abort", abort, { once: true });
      const settle = (how: () => void): void => {
        signal.removeEventListener("abort", abort);
        how();
      };
      const request: DriverRequest | undefined = client.request(target, (error, status, body) =>
        settle(() => {
          if (error === null) resolve(body as PrestoPage);
          else if (status === undefined) reject(new PrestoLostError(messageOf(error), { cause: error }));
          else reject(new PrestoRefusedError(`the server answers with status ${status}: ${messageOf(error)}`, status, BUSY.includes(status)));
        }),
      );
      // The package waits for the end of an answer for ever when the connection is lost in the middle of it.
      request?.on("response", (response) => response.on("close", () => response.complete || settle(() => reject(new PrestoLostError("the connection was lost in the middle of an answer")))));
    });
  return {
    post: ({ sql, session }: PrestoStatement, signal) => {
      const settings = Object.entries(session).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      const headers = {
        [`${prefix}Catalog`]: catalog,
        [`${prefix}Schema`]: schema,
        [`${prefix}Time-Zone`]: "UTC",
        ...(settings.length === 0 ? {} : { [`${prefix}Session`]: settings.join(",") }),
      };
      return send({ method: "POST", path: "/v1/statement", headers, body: sql }, signal);
    },
    get: send,
    async cancel(uri, signal) {
      const { pathname, search } = new URL(uri);
      await send({ method: "DELETE", path: `${pathname}${search}` }, signal);
    },
  };
}

/** The first line, without the package's words. */
function messageOf({ message }: Error): string {
  const said = message.replace(/^execution error:/, "").replace(/<[^>]*>/g, " ").trim().split(/\n\s*at |\n/)[0]!.trim();
  return said === "" ? "it gave no reason" : said.slice(0, MAX_TOLD);
}
