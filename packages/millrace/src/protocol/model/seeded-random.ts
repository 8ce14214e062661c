/** Numbers in `[0, 1)`, the same for the same seed. */
export type Random = () => number;

/** Mulberry32 (Tommy Ettinger, 2017): 32 bits of state are plenty for one history. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An integer in `[0, bound)`. */
export const below = (random: Random, bound: number): number => Math.floor(random() * bound);
