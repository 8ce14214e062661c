import type { SimulatedEvent } from "../simulator/index.js";

/** Where a simulation goes: files, or a log. */
export interface EventTarget {
  /** Whether it takes this event, too, before the next `flush`. After a `flush` it takes any. */
  hasRoomFor(event: SimulatedEvent): boolean;
  /** Keeps the event for the next `flush`. */
  add(event: SimulatedEvent): void;
  /**
   * Resolves once all events added are where they belong, in their order by topic. When it fails, some of them may be
   * there: the run is over.
   */
  flush(signal: AbortSignal): Promise<void>;
  /** Lets go of files and connections; what was added since the last `flush` is dropped. */
  close(): Promise<void>;
}
