import { IANAZone } from "luxon";
import { UnknownZoneError } from "./unknown-zone-error.js";

/** The offset of a zone from UTC, constant from `from` until the next span. */
export interface OffsetSpan {
  /** Epoch ms. */
  readonly from: number;
  readonly offsetMs: number;
}

const DAY_MS = 86_400_000;

/**
 * The offsets of an IANA zone over `[from, until)`, epoch ms; the first span starts at `from`.
 *
 * Looks once a day and halves where two days differ; no zone has ever changed its offset and back within one day.
 *
 * @throws {UnknownZoneError}
 */
export function offsetSpans(zone: string, from: number, until: number): readonly OffsetSpan[] {
  if (!IANAZone.isValidZone(zone)) throw new UnknownZoneError(zone);
  const iana = IANAZone.create(zone);
  // Minutes, with a fraction for local mean times of the past.
  const offsetAt = (at: number) => Math.round(iana.offset(at) * 60_000);
  const spans: OffsetSpan[] = [{ from, offsetMs: offsetAt(from) }];
  for (let at = from; at < until; ) {
    const next = Math.min(at + DAY_MS, until);
    const last = spans.at(-1)!.offsetMs;
    const offsetMs = offsetAt(next);
    if (offsetMs !== last) {
      let before = at;
      let after = next;
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (offsetAt(middle) === last) before = middle;
        else after = middle;
      }
      spans.push({ from: after, offsetMs: offsetAt(after) });
      at = after;
    } else at = next;
  }
  return spans;
}
