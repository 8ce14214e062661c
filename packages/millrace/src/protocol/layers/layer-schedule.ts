import { below, seededRandom } from "../model/seeded-random.js";

/** Processes of a history. Two of each role: none knows of the other. */
export const ROLES = ["speed 0", "speed 1", "ingest 0", "ingest 1", "run 0", "run 1", "operator", "reader 0", "reader 1"] as const;
export type Role = (typeof ROLES)[number];

const WEIGHTS = { append: 24, time: 10, work: 24, finish: 24, start: 20, crash: 4, fault: 6, trim: 1, deploy: 1, trimTooFar: 0.3, recreate: 0.2 } as const;
export type LayerStepKind = keyof typeof WEIGHTS | "createTime" | "replicate";

export interface LayerStep {
  readonly kind: LayerStepKind;
  readonly role: Role;
  readonly a: number;
  readonly b: number;
  readonly seed: number;
}

/** Processes that are started and faulted more often than others. */
const ROLE_WEIGHTS: Readonly<Record<Role, number>> = { "speed 0": 4, "speed 1": 3, "ingest 0": 3, "ingest 1": 2, "run 0": 4, "run 1": 2, operator: 3, "reader 0": 4, "reader 1": 4 };
const SWARM = [0.3, 1, 1, 2, 4];

/** 20 to 110 steps, the same for the same seed. Every history has weights of its own. */
export function layerScheduleOf(seed: number): readonly LayerStep[] {
  const random = seededRandom(seed);
  const swarm = <K extends string>(weights: Readonly<Record<K, number>>) =>
    (Object.entries(weights) as [K, number][]).map(([name, weight]) => [name, weight * SWARM[below(random, SWARM.length)]!] as const);
  const kinds = swarm(WEIGHTS);
  const roles = swarm(ROLE_WEIGHTS);
  const special = random();
  const first = special < 0.15 ? "createTime" : special < 0.35 ? "replicate" : undefined;
  return Array.from({ length: 20 + below(random, 90) }, (_, i) => ({
    // Only before everything else.
    kind: i === 0 && first !== undefined ? first : pick(kinds, random()),
    role: pick(roles, random()),
    a: below(random, 1e6),
    b: below(random, 1e6),
    seed: below(random, 1e9),
  }));
}

function pick<K extends string>(weighted: readonly (readonly [K, number])[], at: number): K {
  let left = at * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of weighted) {
    if (left < weight) return name;
    left -= weight;
  }
  return weighted[0]![0];
}
