/**
 * The shortest part of `steps` that still fails, as delta debugging finds it (Zeller and Hildebrandt, 2002): runs of
 * steps are left out, first long ones, then shorter ones, until no single step can be left out.
 */
export function shrinkSchedule<S>(steps: readonly S[], stillFails: (steps: readonly S[]) => boolean): readonly S[] {
  let current = steps;
  for (let size = Math.ceil(steps.length / 2); ; ) {
    const before = current.length;
    for (let at = 0; at < current.length; ) {
      const without = [...current.slice(0, at), ...current.slice(at + size)];
      if (stillFails(without)) current = without;
      else at += size;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (current.length === before) return current;
  }
}
