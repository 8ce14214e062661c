/** The index of the first of the growing `values[from .. until)` that is at least `value`, or `until`. */
export function lowerBound(values: ArrayLike<number>, value: number, from = 0, until = values.length): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
