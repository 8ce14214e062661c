import { useEffect, useState } from "preact/hooks";

export interface Polled<T> {
  readonly value: T | undefined;
  /** Why the newest try failed. */
  readonly error: Error | undefined;
}

/** Asks again and again while the component is there and the page is visible. `key` tells of another question. */
export function usePolled<T>(ask: (signal: AbortSignal) => Promise<T>, everyMs: number, key = ""): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: undefined, error: undefined });
  useEffect(() => {
    const own = new AbortController();
    const { signal } = own;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      if (!document.hidden) {
        try {
          const value = await ask(signal);
          if (!signal.aborted) setPolled({ value, error: undefined });
        } catch (error) {
          if (!signal.aborted) setPolled(({ value }) => ({ value, error: error as Error }));
        }
      }
      if (!signal.aborted) timer = setTimeout(() => void poll(), everyMs);
    };
    void poll();
    return () => {
      own.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs]);
  return polled;
}
