import { onAbort } from "./on-abort.js";

/** A signal that aborts with the first of others, and the way out. */
export interface EitherSignal {
  readonly signal: AbortSignal;
  readonly forget: () => void;
}

/**
 * As `AbortSignal.any`, but forgotten when the work is done: Node keeps what that makes, as long as one of the signals
 * lives, and a log makes one for every append.
 */
export function eitherSignal(...signals: readonly AbortSignal[]): EitherSignal {
  const controller = new AbortController();
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined) controller.abort(aborted.reason);
  const forgets = aborted === undefined ? signals.map((signal) => onAbort(signal, () => controller.abort(signal.reason))) : [];
  return { signal: controller.signal, forget: () => forgets.forEach((forget) => forget()) };
}
