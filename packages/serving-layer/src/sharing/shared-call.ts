/**
 * One call that several callers wait for. A caller whose signal aborts leaves; the call itself is aborted when the last
 * one has left.
 */
export class SharedCall<T> {
  readonly #own = new AbortController();
  readonly #make: (signal: AbortSignal) => Promise<T>;
  #result: Promise<T> | undefined;
  #waiting = 0;
  #settle: ((result: Promise<T>) => void) | undefined;
  readonly #started = new Promise<T>((resolve) => (this.#settle = resolve));

  /** Nothing is called before `start`. */
  constructor(make: (signal: AbortSignal) => Promise<T>) {
    this.#make = make;
  }

  /** Whether every caller has left: nobody may join any more. */
  get abandoned(): boolean {
    return this.#own.signal.aborted;
  }

  /** Makes the call, once, unless everybody has left. Resolves when it has come to rest, whatever its result. */
  async start(): Promise<void> {
    if (this.abandoned) return;
    this.#result ??= this.#make(this.#own.signal);
    this.#settle?.(this.#result);
    await this.#result.then(
      () => {},
      () => {},
    );
  }

  /** The call's result. @throws the signal's reason when it aborts first. */
  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    this.#waiting++;
    let leave: () => void;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason as Error);
      signal.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([this.#started, left]);
    } finally {
      signal.removeEventListener("abort", leave!);
      if (--this.#waiting === 0) this.#own.abort(signal.reason);
    }
  }
}
