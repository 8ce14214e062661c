import { HttpError } from "./http-error.js";
import type { HttpMetrics } from "./http-metrics.js";

/** Counts the connections of watches, and refuses those above a bound. */
export class OpenWatches {
  readonly #most: number;
  readonly #metrics: Pick<HttpMetrics, "watches">;
  #open = 0;

  constructor(most: number, metrics: Pick<HttpMetrics, "watches">) {
    this.#most = most;
    this.#metrics = metrics;
  }

  /**
   * Counts one more until the function that it returns is called, once.
   *
   * @throws {HttpError} `TOO_MANY_WATCHES`
   */
  open(doing: string): () => void {
    if (this.#open >= this.#most) throw new HttpError("TOO_MANY_WATCHES", `${doing}: the server has ${this.#open} watches, the most it takes`, { retryAfterSeconds: 5 });
    this.#metrics.watches(++this.#open);
    return () => this.#metrics.watches(--this.#open);
  }
}
