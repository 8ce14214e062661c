import type { Random } from "../random.js";

/** What can be wrong with a record. None of the results is a record that a strict reader takes. */
const breakages: readonly ((value: string) => string)[] = [
  // The producer died, or a buffer was too small.
  (value) => value.slice(0, value.length >> 1),
  // The line end between two records was lost.
  (value) => value + value,
  () => "<html><body><h1>502 Bad Gateway</h1></body></html>",
  (value) => value.replace(/"ts":\d+,/, ""),
  (value) => value.replace(/"ts":\d+/, '"ts":"yesterday"'),
  (value) => value.replace(/"sessionId":\d+/, '"sessionId":null'),
  (value) => value.replace(/"lon":[-\d.]+/, '"lon":NaN'),
];

/** A broken form of a record. */
export function malformed(value: string, random: Random): string {
  return random.oneOf(breakages)(value);
}
