/**
 * What several sequences give, in the order in which it comes; at most `concurrency` of them run at the same time, and each
 * is at most one element ahead. When the reader leaves or one fails, all are ended.
 */
export async function* concurrently<T>(sources: readonly (() => AsyncGenerator<T>)[], concurrency: number): AsyncGenerator<T> {
  type Step = { readonly of: Running; readonly result: IteratorResult<T, unknown> };
  type Running = { readonly source: AsyncGenerator<T>; step: Promise<Step> };
  const running = new Set<Running>();
  let next = 0;
  const advance = (one: Running): void => {
    one.step = one.source.next().then((result) => ({ of: one, result }));
    // Another's failure may come first; this one's is then looked at by nobody.
    one.step.catch(() => undefined);
  };
  const begin = (): void => {
    while (running.size < concurrency && next < sources.length) {
      const one = { source: sources[next++]!() } as Running;
      running.add(one);
      advance(one);
    }
  };
  try {
    begin();
    while (running.size > 0) {
      const { of, result } = await Promise.race([...running].map(({ step }) => step));
      if (result.done === true) {
        running.delete(of);
        begin();
      } else {
        advance(of);
        yield result.value;
      }
    }
  } finally {
    for (const { source } of running) void source.return(undefined).catch(() => undefined);
  }
}
