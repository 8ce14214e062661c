import { defineMeasure, text } from "millrace";

// region measure
/**
 * The text that came most often, of equally frequent ones the first in order; null where there was none. Exact, so it
 * keeps a count of every distinct text: for columns that have few.
 */
export const mostFrequent = defineMeasure({
  name: "most_frequent",
  input: [text().optional()],
  zero: () => new Map<string, number>(),
  add: (counts, value) => (value === null ? counts : counts.set(value, (counts.get(value) ?? 0) + 1)),
  merge: (a, b) => {
    for (const [value, count] of b) a.set(value, (a.get(value) ?? 0) + count);
    return a;
  },
  present: (counts) => ordered(counts).reduce<readonly [string | null, number]>((best, each) => (each[1] > best[1] ? each : best), [null, 0])[0],
  // A Map remembers the order in which it was filled, and that differs from layer to layer: sorted, equal states are equal bytes.
  encode: (counts) => new TextEncoder().encode(JSON.stringify(ordered(counts))),
  decode: (bytes) => new Map(JSON.parse(new TextDecoder().decode(bytes)) as [string, number][]),
});

const ordered = (counts: ReadonlyMap<string, number>): (readonly [string, number])[] => [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
// endregion
