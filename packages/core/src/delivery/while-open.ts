import { ClosedError } from "../errors/closed-error.js";
import { eitherSignal } from "./either-signal.js";

/** What can be closed while it works. */
export interface Closable {
  /** For errors. */
  readonly name: string;
  /** Aborts when it is closed. */
  readonly closing: AbortSignal;
}

/**
 * Runs `work` until it ends, with a signal that aborts when `signal` does or when it is closed meanwhile.
 *
 * @throws {ClosedError} when it is closed already.
 */
export async function whileOpen<T>({ name, closing }: Closable, doing: string, signal: AbortSignal, work: (either: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  if (closing.aborted) throw new ClosedError(name, doing);
  const either = eitherSignal(signal, closing);
  try {
    return await work(either.signal);
  } finally {
    either.forget();
  }
}
