import { sketchEntries } from "./sketch.js";

/**
 * DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019) with logarithmic
 * mapping, not collapsing: a value `x > 0` lies in bucket `ceil(log_gamma(x))`, and every quantile is within 1 % of a
 * value of that rank.
 */
export const DD_RELATIVE_ACCURACY = 0.01;

/** The base of the buckets: each ends at a power of it. */
export const DD_GAMMA = (1 + DD_RELATIVE_ACCURACY) / (1 - DD_RELATIVE_ACCURACY);
const LOG_GAMMA = Math.log(DD_GAMMA);

/**
 * Coordinates grow with the value and are never negative (-1 stands for null): 0 has this one, `x > 0` has it plus
 * `OFFSET + bucket`, `x < 0` it minus that. Buckets of doubles lie between -37,222 and 35,490.
 */
const ZERO = 100_000;
const OFFSET = 50_000;

/**
 * The coordinate of a finite number in the column's inside form: decimals scaled, timestamps as epoch ms. One function
 * for all layers, called once, at decoding: no two logarithms can disagree.
 *
 * @throws {RangeError} when `x` is not finite.
 */
export function ddCoordinate(x: number): number {
  if (x > 0 && x !== Number.POSITIVE_INFINITY) return ZERO + OFFSET + Math.ceil(Math.log(x) / LOG_GAMMA);
  if (x === 0) return ZERO;
  if (x < 0 && x !== Number.NEGATIVE_INFINITY) return ZERO - OFFSET - Math.ceil(Math.log(-x) / LOG_GAMMA);
  throw new RangeError(`finding the bucket of ${x}: it is not a finite number`);
}

/** The value that stands for a coordinate: within 1 % of every value in its bucket. */
export function ddValue(coordinate: number): number {
  if (coordinate === ZERO) return 0;
  const bucket = Math.abs(coordinate - ZERO) - OFFSET;
  // The bucket of the largest doubles has its middle beyond them.
  const magnitude = Math.min((Math.exp(bucket * LOG_GAMMA) / (DD_GAMMA + 1)) * 2, Number.MAX_VALUE);
  return coordinate > ZERO ? magnitude : -magnitude;
}

/** The `q`-quantile (0 to 1) of a sketch of counts by coordinate: of `n` values the one of rank `floor(q * (n - 1))`; null of none. */
export function quantileOf(sketch: Uint8Array, q: number): number | null {
  const entries = sketchEntries(sketch);
  let total = 0;
  for (const [, count] of entries) total += count;
  if (total === 0) return null;
  const rank = Math.floor(q * (total - 1));
  let below = 0;
  for (const [coordinate, count] of entries) {
    below += count;
    if (below > rank) return ddValue(coordinate);
  }
  throw new RangeError(`finding the ${q}-quantile: it is not between 0 and 1`);
}
