/**
 * Works on each of these, at most `atOnce` side by side, begun in order; resolves to the results in that order. When one
 * fails no other is begun, the signal of those under way aborts, and it rejects once they have ended: nothing goes on
 * behind the caller.
 */
export async function inTurns<T, R>(all: readonly T[], atOnce: number, signal: AbortSignal, work: (one: T, either: AbortSignal) => Promise<R>): Promise<readonly R[]> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const results: R[] = [];
  let failure: { readonly error: unknown } | undefined;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < all.length && failure === undefined) {
      const i = next++;
      try {
        results[i] = await work(all[i]!, either);
      } catch (error) {
        failure ??= { error };
        failing.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, all.length)) }, worker));
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
  return results;
}
