/** Tasks that end together: the first failure aborts the others, and `settled` throws it once all have come to rest. */
export class TaskGroup {
  readonly #failed = new AbortController();
  readonly #tasks: Promise<void>[] = [];
  #failure: { readonly error: unknown } | undefined;
  /** Aborted by the caller's signal or by the first failure. */
  readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#failed.signal]);
  }

  /** A task may start others. */
  start(run: (signal: AbortSignal) => Promise<void>): void {
    this.#tasks.push(
      run(this.signal).catch((error: unknown) => {
        // What fails after the abort fails because of it.
        if (this.signal.aborted) return;
        this.#failure = { error };
        this.#failed.abort();
      }),
    );
  }

  async settled(): Promise<void> {
    for (let i = 0; i < this.#tasks.length; i++) await this.#tasks[i];
    if (this.#failure) throw this.#failure.error;
  }
}
