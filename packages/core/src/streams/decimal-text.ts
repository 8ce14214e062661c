const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * The integer `text * 10^scale`, exactly: `("1.5", 2)` is `150n`. Undefined when `text` is no decimal number or has
 * a digit other than 0 beyond `scale`. Takes exponents.
 */
export function scaledFromText(text: string, scale: number): bigint | undefined {
  const match = PLAIN.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return 0n;
  // The value is digits * 10^shift; shift is the power that remains after scaling.
  const shift = Number(exponent) - fraction.length + scale;
  let magnitude: bigint;
  if (shift >= 0) {
    if (digits.length + shift > 40) return undefined;
    magnitude = BigInt(digits) * 10n ** BigInt(shift);
  } else {
    const kept = Math.max(0, digits.length + shift);
    if (/[1-9]/.test(digits.slice(kept))) return undefined;
    magnitude = BigInt(digits.slice(0, kept) || "0");
  }
  return sign === "-" ? -magnitude : magnitude;
}

/** `(150n, 2)` is `"1.50"`: all digits of the scale, no exponent. The text that `decimal(s, "string")` presents. */
export function textFromScaled(scaled: number | bigint, scale: number): string {
  if (scale === 0) return String(scaled === 0 ? 0 : scaled);
  const negative = scaled < 0;
  const digits = String(negative ? -scaled : scaled).padStart(scale + 1, "0");
  return `${negative ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
