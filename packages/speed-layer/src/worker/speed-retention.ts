/** Default life of a speed row after its segment's first record, ms: far above any zombie's life. */
export const DEFAULT_SPEED_RETENTION_MS = 7 * 86_400_000;

const LONGEST_MARGIN_MS = 3_600_000;

/**
 * How long before the expiry of its rows a segment stops being written and being trusted: an hour, or a tenth of a
 * retention shorter than ten. More than a flush with all its retries, a read, and the skew of clocks.
 */
export function coverageMarginMs(speedRetentionMs: number): number {
  return Math.min(LONGEST_MARGIN_MS, Math.floor(speedRetentionMs / 10));
}
