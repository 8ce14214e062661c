import type { Telemetry, TelemetryEvent } from "@millrace/core";

/** One emitter, any number of subscribers. */
export class TelemetryHub {
  readonly #subscribers = new Set<Telemetry>();

  readonly emit = (event: TelemetryEvent): void => {
    for (const subscriber of this.#subscribers) subscriber(event);
  };

  /** Returns the unsubscription. */
  subscribe(subscriber: Telemetry): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }
}
