import { below, seededRandom } from "./seeded-random.js";

/** What may happen, with how often it does. */
const WEIGHTS = {
  append: 22,
  time: 9,
  commit: 5,
  read: 9,
  flush: 14,
  start: 7,
  learn: 5,
  catchUp: 4,
  ingest: 12,
  crashIngest: 2,
  run: 8,
  crashRun: 1,
  rollBack: 2,
  query: 12,
  trim: 2,
  deploy: 1,
  sweep: 1,
  prune: 3,
  recreate: 0.3,
  trimTooFar: 0.2,
} as const;

export type StepKind = keyof typeof WEIGHTS;

/** Weights in place of the usual ones, for histories about one thing. */
export type Focus = Partial<Readonly<Record<StepKind, number>>>;

/** One step of a history. `a` and `b` say what it does exactly, `seed` every random choice within it. */
export interface Step {
  readonly kind: StepKind;
  readonly a: number;
  readonly b: number;
  readonly seed: number;
}

const WEIGHTED = Object.entries(WEIGHTS) as readonly (readonly [StepKind, number])[];
const SWARM = [0.3, 1, 1, 1, 2, 4];

/**
 * 20 to 160 steps, the same for the same seed. Every history has weights of its own (swarm testing, Groce et al., 2012):
 * some never expire, some only publish, and what needs many steps of few kinds is found, too.
 */
export function scheduleOf(seed: number, focus: Focus = {}): readonly Step[] {
  const random = seededRandom(seed);
  const kinds = WEIGHTED.map(([kind, weight]) => [kind, (focus[kind] ?? weight) * SWARM[below(random, SWARM.length)]!] as const);
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  return Array.from({ length: (20 + below(random, 60)) * (random() < 0.25 ? 2 : 1) }, () => ({
    kind: kindAt(kinds, random() * total),
    a: below(random, 1e6),
    b: below(random, 1e6),
    seed: below(random, 1e9),
  }));
}

function kindAt(kinds: readonly (readonly [StepKind, number])[], point: number): StepKind {
  let left = point;
  for (const [kind, weight] of kinds) {
    if (left < weight) return kind;
    left -= weight;
  }
  return "append";
}
