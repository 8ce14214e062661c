/**
 * Runs jobs until the signal aborts, or until one fails: then the others are stopped, and the first failure is thrown
 * once all have come to rest. A job that ends early on its own leaves the others running.
 */
export async function runTogether(jobs: readonly ((signal: AbortSignal) => Promise<void>)[], signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    jobs.map(async (job) => {
      try {
        await job(both);
      } catch (error) {
        if (both.aborted) return;
        failure ??= { error };
        stop.abort();
      }
    }),
  );
  if (failure) throw failure.error;
}
