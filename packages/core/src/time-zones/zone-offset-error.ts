import { MillraceError } from "../errors/millrace-error.js";
import type { Every } from "../views/view-definition.js";

/** A calendar window of a zone that starts within a stored window: the stored ones do not add up to it. */
export class ZoneOffsetError extends MillraceError {
  readonly code = "ZONE_OFFSET";
  readonly retryable = false;
  readonly zone: string;
  readonly every: Every;
  /** Epoch ms of an instant at which the zone's clock does not fit. */
  readonly at: number;

  constructor(zone: string, every: Every, at: number, offsetMs: number) {
    const sign = offsetMs < 0 ? "-" : "+";
    const seconds = Math.abs(offsetMs) / 1_000;
    const parts = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, "0"));
    const offset = `${sign}${(parts[2] === "00" ? parts.slice(0, 2) : parts).join(":")}`;
    super(`making calendar windows in zone "${zone}" of windows of one ${every}: at ${new Date(at).toISOString()} the zone is UTC${offset}, no multiple of one ${every}`, {
      advice: `declare the view with a finer "every", or ask in another zone`,
    });
    this.zone = zone;
    this.every = every;
    this.at = at;
  }
}
