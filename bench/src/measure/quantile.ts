/** The smallest of the values that at least the share `q` of them do not exceed. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError("taking a quantile: there is no value");
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
