/** Bounds of int64, inclusive. */
export const INT64_MIN = -(2n ** 63n);
/** Upper bound of int64, inclusive. */
export const INT64_MAX = 2n ** 63n - 1n;

/** The canonical outside form of an int64: a number while safe, a bigint beyond. */
export function normalInt64(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
