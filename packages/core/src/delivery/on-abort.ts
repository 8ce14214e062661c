const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `callback` once when `signal` aborts; returns the way out. However many wait on one signal, it has one listener,
 * so that a worker with many partitions is not reported as a leak. The signal must not be aborted yet.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = waiting.get(signal);
  if (!callbacks) {
    const own = new Set<() => void>();
    callbacks = own;
    waiting.set(signal, own);
    signal.addEventListener(
      "abort",
      () => {
        waiting.delete(signal);
        for (const waiter of [...own]) waiter();
      },
      { once: true },
    );
  }
  const own = (): void => callback();
  callbacks.add(own);
  return () => callbacks.delete(own);
}
