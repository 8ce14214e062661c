import { cutOf, type Cut, type CutPosition } from "@millrace/core";

/** Of every partition the later one of two cuts' positions. A newer log of a topic comes after an older one. */
export function laterCut(a: Cut, b: Cut): Cut {
  const later: Record<string, readonly CutPosition[]> = {};
  for (const topic of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const partitions = new Set([...(a[topic] ?? []), ...(b[topic] ?? [])].map(({ partition }) => partition));
    later[topic] = [...partitions].sort((x, y) => x - y).map((partition) => laterOf(cutOf(a, topic, partition), cutOf(b, topic, partition))!);
  }
  return later;
}

function laterOf(a: CutPosition | undefined, b: CutPosition | undefined): CutPosition | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.logVersion !== b.logVersion) return a.logVersion > b.logVersion ? a : b;
  return a.offset >= b.offset ? a : b;
}
