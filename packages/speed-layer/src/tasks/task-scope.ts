import { linkedAbort } from "./linked-abort.js";

/**
 * Runs tasks side by side: the first that fails aborts the others. Tasks end by themselves or because `signal` was
 * aborted; an abort asked for by the parent is no failure.
 */
export class TaskScope {
  readonly #abort: AbortController;
  readonly #unlink: () => void;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(parent: AbortSignal) {
    const { abort, unlink } = linkedAbort(parent);
    this.#abort = abort;
    this.#unlink = unlink;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  start(task: (signal: AbortSignal) => Promise<void>): void {
    const run: Promise<void> = task(this.#abort.signal)
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted) return;
        this.#failure = { error };
        this.#abort.abort(error);
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Resolves once every task has ended, also those that were started meanwhile; rejects with the first failure. */
  async join(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#unlink();
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
