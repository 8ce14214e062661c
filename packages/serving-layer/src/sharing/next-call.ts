import { SharedCall } from "./shared-call.js";

/**
 * Makes one call at a time. Everybody who asks while it is under way shares the next one, so each gets the result of a
 * call that began after asking: nothing older than the question. However many ask, two calls are known at most.
 */
export class NextCall<T> {
  readonly #make: (signal: AbortSignal) => Promise<T>;
  #busy = false;
  #next: SharedCall<T> | undefined;

  constructor(make: (signal: AbortSignal) => Promise<T>) {
    this.#make = make;
  }

  /** @throws the error of the call, or the signal's reason when it aborts first. */
  ask(signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#next === undefined || this.#next.abandoned) this.#next = new SharedCall(this.#make);
    const result = this.#next.join(signal);
    if (!this.#busy) void this.#run();
    return result;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      await next.start();
    }
    this.#busy = false;
  }
}
