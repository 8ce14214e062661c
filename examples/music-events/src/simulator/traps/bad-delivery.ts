import { Random } from "../random.js";
import type { SimulatedEvent } from "../simulated-event.js";
import { HeldBack } from "./held-back.js";
import { malformed } from "./malformed.js";
import type { Trap } from "./trap.js";

const MALFORMED_SHARE = 0.002;
const LATE_SHARE = 0.02;
const DUPLICATE_SHARE = 0.01;

/** A phone in the underground. */
const MEAN_DELAY_MS = 5 * 60_000;
/** Of the late ones: a phone that was off. */
const VERY_LATE_SHARE = 0.1;
const MEAN_LONG_DELAY_MS = 12 * 3_600_000;
/** A producer that had no answer tries again. */
const MEAN_RETRY_MS = 30_000;

/** The traps that are a matter of delivery, and not of what records say. */
const DELIVERY: readonly Trap[] = ["late", "duplicates", "malformed"];

export const isBadDelivery = (traps: ReadonlySet<Trap>): boolean => DELIVERY.some((trap) => traps.has(trap));

/**
 * Sends events over a bad line: some broken, some late, some twice. Never loses one whole: what waits when `events` end
 * is sent then. `sentMs` of the results does not decrease; `ts` may, by the delay.
 *
 * Each trap draws from numbers of its own, so that it hits the same records whichever others are on.
 */
export function* badDelivery(events: Iterable<SimulatedEvent>, traps: ReadonlySet<Trap>, seed: number): Generator<SimulatedEvent, void> {
  const breaking = traps.has("malformed") ? new Random(seed, 3) : undefined;
  const delaying = traps.has("late") ? new Random(seed, 4) : undefined;
  const repeating = traps.has("duplicates") ? new Random(seed, 5) : undefined;
  const held = new HeldBack();
  for (const whole of events) {
    while (held.dueMs < whole.sentMs) yield held.take();
    const event = breaking && breaking.uniform() < MALFORMED_SHARE ? { ...whole, value: malformed(whole.value, breaking) } : whole;
    if (delaying && delaying.uniform() < LATE_SHARE) held.add(later(event, delaying, delaying.uniform() < VERY_LATE_SHARE ? MEAN_LONG_DELAY_MS : MEAN_DELAY_MS));
    else yield event;
    if (repeating && repeating.uniform() < DUPLICATE_SHARE) held.add(later(event, repeating, MEAN_RETRY_MS));
  }
  while (held.dueMs < Infinity) yield held.take();
}

function later(event: SimulatedEvent, random: Random, meanMs: number): SimulatedEvent {
  return { ...event, sentMs: event.sentMs + Math.ceil(random.exponential(meanMs)) };
}
