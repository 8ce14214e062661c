import { orAborted, type Clock } from "@millrace/core";
import { HIVE_STATE, type HiveColumn, type HiveColumnDescription, type HiveHandle } from "./hive-protocol.js";
import { HiveCallError, type HiveSession } from "./hive-session.js";

/** The pause between two questions whether a statement has ended: grows by this factor from the first to the last. */
const FIRST_PAUSE_MS = 4;
const LAST_PAUSE_MS = 200;
const PAUSE_GROWS = 1.6;

const FETCH_NEXT = 0;

/** A statement on the server, from being sent until it is closed. */
export interface HiveStatement {
  readonly handle: HiveHandle;
  /** Resolves when it has ended; throws what the server says when it failed. */
  finished(signal: AbortSignal): Promise<void>;
  columns(signal: AbortSignal): Promise<readonly HiveColumnDescription[]>;
  /** The next rows by column; none at the end. */
  fetch(maxRows: number, signal: AbortSignal): Promise<readonly HiveColumn[]>;
  close(): Promise<void>;
}

/** Sends a statement; the server runs it meanwhile. A signal that aborts leaves it running: cancel it by its handle. */
export async function sendStatement(session: HiveSession, statement: string, clock: Clock): Promise<HiveStatement> {
  const { operationHandle: handle } = await session.call((calls) => calls.executeStatement({ sessionHandle: session.handle, statement, runAsync: true }));
  return {
    handle,
    async finished(signal) {
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * PAUSE_GROWS, LAST_PAUSE_MS)) {
        const { status, operationState, errorMessage, sqlState } = await orAborted(session.call((calls) => calls.getOperationStatus({ operationHandle: handle })), signal);
        if (operationState === HIVE_STATE.finished) return;
        if (operationState !== HIVE_STATE.initialized && operationState !== HIVE_STATE.pending && operationState !== HIVE_STATE.running) {
          const why = operationState === HIVE_STATE.canceled ? "the statement was cancelled on the server" : operationState === HIVE_STATE.timedOut ? "the server's time for a statement was over" : null;
          throw new HiveCallError({ statusCode: status.statusCode, errorMessage: errorMessage ?? why, sqlState: sqlState ?? null });
        }
        await clock.sleep(pause, signal);
      }
    },
    async columns(signal) {
      const { schema } = await orAborted(session.call((calls) => calls.getResultSetMetadata({ operationHandle: handle })), signal);
      return schema?.columns ?? [];
    },
    async fetch(maxRows, signal) {
      const { results } = await orAborted(session.call((calls) => calls.fetchResults({ operationHandle: handle, orientation: FETCH_NEXT, maxRows })), signal);
      return results?.columns ?? [];
    },
    async close() {
      await session.call((calls) => calls.closeOperation({ operationHandle: handle }));
    },
  };
}
