const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** An int64 has at most 19 digits; one more may be followed by a clear answer from the caller's own bound. */
const MOST_DIGITS = 20;

/**
 * The integer `value * 10^scale` of a JSON number, exactly, whatever its form: `1.50`, `15e-1` and `0.15E1` are equal.
 * "inexact" where a digit other than 0 remains behind the point (with `floor`, the integer below instead), "too-large"
 * where it lies far beyond int64. Bounded work for exponents of any size.
 */
export function scaledInteger(text: string, scale: number, floor = false): bigint | "inexact" | "too-large" {
  const match = NUMBER.exec(text);
  if (match === null) throw new TypeError(`reading "${text}": not a JSON number`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const untrimmed = trimStart(whole + fraction);
  if (untrimmed === "") return 0n;
  const digits = trimEnd(untrimmed);
  // The value is `digits * 10^shift`. An exponent of absurd length is an infinite number here, and compares as such.
  const shift = Number(exponent) - fraction.length + (untrimmed.length - digits.length) + scale;
  const kept = digits.length + shift;
  if (shift < 0 && !floor) return "inexact";
  if (kept > MOST_DIGITS) return "too-large";
  if (shift >= 0) {
    const magnitude = BigInt(digits) * 10n ** BigInt(shift);
    return sign === "-" ? -magnitude : magnitude;
  }
  const magnitude = kept > 0 ? BigInt(digits.slice(0, kept)) : 0n;
  return sign === "-" ? -magnitude - 1n : magnitude;
}

// Loops, because a regular expression for trailing zeros is quadratic on long runs of zeros.
function trimStart(digits: string): string {
  let from = 0;
  while (from < digits.length && digits.charCodeAt(from) === 48) from++;
  return digits.slice(from);
}

function trimEnd(digits: string): string {
  let until = digits.length;
  while (until > 0 && digits.charCodeAt(until - 1) === 48) until--;
  return digits.slice(0, until);
}
