/** A member of a group, as all members see it. */
export interface GroupMember {
  readonly id: string;
  /** What it owned when it joined, as `topic/partition`. */
  readonly owned: readonly string[];
}

/**
 * Shares partitions so that no member has two more than another, and as few as possible move: a partition that moves is
 * folded again from the start of its segment. A function of its arguments, whatever their order.
 */
export function stickyAssignment(members: readonly GroupMember[], partitions: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const shares = new Map(sorted.map(({ id }) => [id, [] as string[]]));
  const free = new Set([...partitions].sort());
  const least = Math.floor(partitions.length / sorted.length);
  let larger = partitions.length % sorted.length;
  // Who owns most keeps the larger shares, so that fewer move.
  for (const { id, owned } of [...sorted].sort((a, b) => b.owned.length - a.owned.length)) {
    const kept = owned.filter((partition) => free.has(partition));
    const share = kept.length > least && larger > 0 ? least + 1 : least;
    for (const partition of kept.slice(0, share)) {
      free.delete(partition);
      shares.get(id)!.push(partition);
    }
    if (share > least) larger--;
  }
  for (const partition of free) {
    const [poorest] = [...shares].reduce((a, b) => (b[1].length < a[1].length ? b : a));
    shares.get(poorest)!.push(partition);
  }
  return shares;
}
