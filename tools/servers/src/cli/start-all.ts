import type { Instance } from "../instance/instance.js";

/**
 * Starts all at once and lets them go on after this process. When one fails, or at an abort, what this call has started
 * is stopped: all run, or what ran before.
 */
export async function startAll(starts: readonly ((signal: AbortSignal) => Promise<Instance>)[], signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const results = await Promise.allSettled(
    starts.map((start) =>
      start(either).catch((error: unknown) => {
        // The first failure is told; the others end because of it.
        failed.abort(error);
        throw error;
      }),
    ),
  );
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (failed.signal.aborted) {
    await Promise.all(started.map((instance) => instance.undo()));
    throw failed.signal.reason;
  }
  for (const instance of started) await instance.outlive();
}
