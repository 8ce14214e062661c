import type { SimulatedEvent } from "../simulated-event.js";

/** The next `count` events of a simulation. Endless generators cannot be spread, and Node 20 has no `take`. */
export function take(count: number, events: Generator<SimulatedEvent, never>): SimulatedEvent[] {
  return Array.from({ length: count }, () => events.next().value);
}
