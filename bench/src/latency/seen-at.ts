/** What was visible at an instant: of each partition all below an offset, which never steps back. */
export interface Sight {
  readonly at: number;
  readonly until: Float64Array;
}

/** When a record was first seen. */
export function seenAt({ partition, offset }: { readonly partition: number; readonly offset: number }, sights: readonly Sight[]): number {
  let low = 0;
  let high = sights.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sights[middle]!.until[partition]! > offset) high = middle;
    else low = middle + 1;
  }
  const sight = sights[low];
  if (sight === undefined) throw new Error(`looking for offset ${offset} of partition ${partition}: it was never seen`);
  return sight.at;
}
