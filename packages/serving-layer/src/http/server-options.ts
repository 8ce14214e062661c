import { ConfigurationError, type Clock, type Problem } from "@millrace/core";

/** Where a server listens, whom it answers, and its limits. */
export interface HttpServerOptions {
  /** Address to listen on. Default "127.0.0.1". Any that is not a loopback address needs a token. */
  readonly host?: string;
  /** Default 4280; 0 is a free one. */
  readonly port?: number;
  /** Every request but the probes must carry it as `Authorization: Bearer TOKEN`. Default: none. */
  readonly token?: string;
  /** A request is answered by then, or refused with 504. Default 30,000. */
  readonly deadlineMs?: number;
  /** Body of a request, at most. Default 65,536. */
  readonly maxBodyBytes?: number;
  /** Requests of one address within one second, at most. Default 1,000. */
  readonly maxRequestsPerSecond?: number;
  /** Watches open at the same time. Default 100. */
  readonly maxWatches?: number;
  /** How often a watch looks for progress. Default 500. */
  readonly pollMs?: number;
  /** A watch sends a comment when it sent nothing else for so long. Default 15,000. */
  readonly heartbeatMs?: number;
  /** Answers kept, by the bytes of their text. Default 67,108,864. */
  readonly cacheBytes?: number;
  /** Origins whose pages may read answers, such as "https://dash.example.org". Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Told of errors that are no refusals: those that a person should look at. Default: nobody. */
  readonly onError?: (error: unknown) => void;
  /** Measures deadlines, heartbeats and polls. Default: the machine's. */
  readonly timers?: Clock;
}

export type ResolvedHttpOptions = Required<Omit<HttpServerOptions, "token">> & { readonly token: string | undefined };

/** @throws {ConfigurationError} naming every problem. Never with the token in it. */
export function resolveHttpOptions(options: HttpServerOptions, timers: Clock): ResolvedHttpOptions {
  const problems: Problem[] = [];
  const whole = (name: keyof HttpServerOptions, fallback: number, least: number, most = Number.MAX_SAFE_INTEGER): number => {
    const value = options[name] ?? fallback;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    problems.push({ path: name, message: `must be a whole number from ${least} to ${most}, not ${String(value)}` });
    return fallback;
  };
  // An empty variable of the environment is no token.
  const token = options.token === "" ? undefined : options.token;
  const host = options.host ?? "127.0.0.1";
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) problems.push({ path: "token", message: "must be of visible ASCII characters, or no header can carry it" });
  if (token === undefined && !isLoopback(host)) {
    problems.push({ path: "host", message: `"${host}" can be reached from other machines: set a token (option \`token\`, or MILLRACE_TOKEN for the command), or listen on 127.0.0.1` });
  }
  for (const origin of options.corsOrigins ?? []) {
    if (!/^https?:\/\/[^/\s*]+$/.test(origin)) problems.push({ path: "corsOrigins", message: `"${origin}" is not an origin such as "https://dash.example.org"` });
  }
  const resolved: ResolvedHttpOptions = {
    host,
    port: whole("port", 4_280, 0, 65_535),
    token,
    deadlineMs: whole("deadlineMs", 30_000, 1),
    maxBodyBytes: whole("maxBodyBytes", 65_536, 1),
    maxRequestsPerSecond: whole("maxRequestsPerSecond", 1_000, 1),
    maxWatches: whole("maxWatches", 100, 0),
    pollMs: whole("pollMs", 500, 1),
    heartbeatMs: whole("heartbeatMs", 15_000, 1),
    cacheBytes: whole("cacheBytes", 64 * 1024 * 1024, 0),
    corsOrigins: options.corsOrigins ?? [],
    onError: options.onError ?? (() => {}),
    timers,
  };
  if (problems.length > 0) throw new ConfigurationError("starting the HTTP server", problems);
  return resolved;
}

export const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
