import { onAbort, orAborted, UnavailableError, type Clock } from "@millrace/core";
import { hiveFailure, type HiveFailure } from "./hive-message.js";
import { HIVE_FAILED, type HiveCalls, type HiveHandle, type HiveSocket, type HiveStatus, type OpenHiveSocket } from "./hive-protocol.js";

/** `HIVE_CLI_SERVICE_PROTOCOL_V10`: the newest that Spark speaks. */
const PROTOCOL_V10 = 9;

/** A call that the server refused, with what it said. */
export class HiveCallError extends Error {
  readonly failure: HiveFailure;

  constructor({ errorMessage, sqlState }: HiveStatus) {
    const failure = hiveFailure(errorMessage, sqlState);
    super(failure.message);
    this.failure = failure;
  }
}

/** The connection ended under a call: whether the server ran it is unknown. */
export class HiveLostError extends Error {
  constructor(cause: unknown) {
    super(`the connection was lost: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A session, alone on its connection: the server ends it, with what it runs, when the connection ends. */
export interface HiveSession {
  readonly handle: HiveHandle;
  /** Whether the connection has ended. */
  readonly isLost: () => boolean;
  /**
   * Makes one call and throws when the server refuses it or the connection is lost.
   *
   * @throws {HiveCallError} {@link HiveLostError}
   */
  call<T extends { readonly status: HiveStatus }>(make: (calls: HiveCalls) => Promise<T>): Promise<T>;
  /** Ends session and connection; the server is told where it answers soon. */
  close(): Promise<void>;
  /** Ends the connection at once. */
  cut(): void;
}

export interface OpenHiveSession {
  readonly open: OpenHiveSocket;
  readonly user: string;
  readonly password: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly where: string;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

const CLOSE_MS = 2_000;

/**
 * Connects and opens a session with its settings.
 *
 * @throws {UnavailableError} when the server does not answer in time, or refuses.
 */
export async function openHiveSession(options: OpenHiveSession, signal: AbortSignal): Promise<HiveSession> {
  const { open, where, connectTimeoutMs, clock } = options;
  signal.throwIfAborted();
  const deadline = new AbortController();
  const forget = onAbort(signal, () => deadline.abort(signal.reason));
  const done = new AbortController();
  // A client without SASL on a server that wants it is never answered.
  const late = new UnavailableError(`connecting to the SQL server at ${where}`, `no session within ${connectTimeoutMs} ms`, {
    advice: 'check host and port, and that "auth" is what the server\'s hive.server2.authentication wants: NOSASL for NOSASL, else PLAIN',
  });
  clock.sleep(connectTimeoutMs, done.signal).then(
    () => deadline.abort(late),
    () => {},
  );
  let socket: HiveSocket | undefined;
  try {
    const opening = open(deadline.signal);
    // What opens after the deadline is closed again.
    opening.then((opened) => deadline.signal.aborted && opened.cut(), () => {});
    socket = await orAborted(opening, deadline.signal);
    return await orAborted(startSession(socket, options), deadline.signal);
  } catch (cause) {
    socket?.cut();
    signal.throwIfAborted();
    if (cause instanceof UnavailableError || !(cause instanceof HiveCallError || cause instanceof HiveLostError)) throw cause;
    throw new UnavailableError(`opening a session at ${where}`, cause.message, { cause });
  } finally {
    forget();
    done.abort();
  }
}

async function startSession(socket: HiveSocket, { user, password, settings, clock }: OpenHiveSession): Promise<HiveSession> {
  let isLost = false;
  let why: unknown;
  // Not a race with `lost`: a promise that stays open would keep every answer that was raced with it.
  const underWay = new Set<(error: Error) => void>();
  socket.lost.catch((cause: unknown) => {
    isLost = true;
    why = cause;
    for (const fail of underWay) fail(new HiveLostError(cause));
  });
  const call = async <T extends { readonly status: HiveStatus }>(make: (calls: HiveCalls) => Promise<T>): Promise<T> => {
    if (isLost) throw new HiveLostError(why);
    let fail: (error: Error) => void = () => {};
    try {
      const answer = await new Promise<T>((resolve, reject) => {
        underWay.add((fail = reject));
        make(socket.calls).then(resolve, reject);
      });
      if (HIVE_FAILED.has(answer.status.statusCode)) throw new HiveCallError(answer.status);
      return answer;
    } finally {
      underWay.delete(fail);
    }
  };
  // Settings take effect by this prefix; without it Spark keeps only some.
  const configuration = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`set:hiveconf:${name}`, value]));
  const { sessionHandle } = await call((calls) => calls.openSession({ client_protocol: PROTOCOL_V10, username: user, password, configuration }));
  return {
    handle: sessionHandle,
    isLost: () => isLost,
    call,
    cut: () => socket.cut(),
    async close() {
      if (!isLost) {
        const done = new AbortController();
        await Promise.race([call((calls) => calls.closeSession({ sessionHandle })), clock.sleep(CLOSE_MS, done.signal)]).catch(() => {});
        done.abort();
      }
      isLost = true;
      why = new Error("it was closed");
      socket.cut();
    },
  };
}
