import type { Rules } from "./rules.js";
import type { Focus } from "./schedule.js";
import type { Variant } from "./variant.js";
import { NOT_OVERLAPPING, VARIANTS } from "./variant.js";
import type { FailureKind } from "./world.js";

/** A protocol that lacks something, and what then goes wrong. */
export interface Mutation {
  readonly without: readonly (keyof Rules)[];
  /** Any of these proves it. */
  readonly found: readonly FailureKind[];
  /** Histories within which it is found, about three times what it takes from the fixed seed. */
  readonly within: number;
  readonly variant: Variant;
  readonly focus: Focus;
}

const WRONG: readonly FailureKind[] = ["lost record", "record counted twice", "foreign record", "wrong accounts"];
const [BROKER_CLOCK, , TWO_REPLICAS] = VARIANTS as [Variant, Variant, Variant];

const mutation = (without: readonly (keyof Rules)[], found: readonly FailureKind[], within: number, focus: Focus = {}, variant = BROKER_CLOCK): Mutation => ({ without, found, within, focus, variant });

export const MUTATIONS: readonly Mutation[] = [
  mutation(["chainFollowsPrevious"], WRONG, 1_000),
  mutation(["chainNeedsSealed"], WRONG, 1_000, { catchUp: 15, query: 20 }),
  mutation(["refusesBeyondReach"], ["stale answer"], 2_000),
  mutation(["pointerTakenOnce"], WRONG, 1_000),
  mutation(["coverageRechecked"], WRONG, 5_000, { query: 60, time: 25, catchUp: 20, ingest: 2, run: 0, rollBack: 0, prune: 0, deploy: 0 }),
  mutation(["flagsMissingOverlap"], WRONG, 50, {}, NOT_OVERLAPPING),
  mutation(["expiryFromLog"], WRONG, 2_000, { query: 20, time: 25, catchUp: 20, start: 10 }),
  mutation(["writeTimestamps"], WRONG, 3_000),
  mutation(["progressAfterRows"], WRONG, 500),
  mutation(["endedSegmentsHaveOwnId"], ["needless refusal", ...WRONG], 1_000, { append: 30, ingest: 25, crashIngest: 10, catchUp: 10, learn: 10 }),
  mutation(["wholeSegmentsOnly"], WRONG, 500),
  mutation(["startsAtOldestView"], ["needless refusal"], 500),
  mutation(["startsOnDurableProgress"], ["needless refusal"], 10_000, { append: 25, flush: 60, start: 20, catchUp: 0, ingest: 0, run: 0, rollBack: 0, prune: 0, deploy: 0, time: 1 }, TWO_REPLICAS),
  mutation(["workersWalkAgain"], ["needless refusal"], 6_000, { rollBack: 15, run: 15, ingest: 20 }),
  mutation(["logVersionChecked"], WRONG, 200),
  mutation(["deadLettersAreRecords"], WRONG, 100),
  mutation(["endFixedFirst"], ["failed run"], 3_000, { ingest: 30, crashIngest: 10 }),
  mutation(["ingestRefusesHoles"], WRONG, 500),
  mutation(["planInBothDirections"], WRONG, 1_000),
  mutation(["statementsEndAtCut"], ["failed run"], 500),
  mutation(["parentMustBeHighest"], ["lost publication"], 100),
  mutation(["completesSwitch"], ["no run can publish"], 500),
  mutation(["claimsHighestPlusOne", "completesSwitch", "parentMustBeHighest"], ["no run can publish"], 500),
  mutation(["pruningWaits"], ["pruned under a query"], 5_000, { run: 20, prune: 15, query: 30 }),
  mutation(["pruningWaits", "missingVersionFails"], WRONG, 5_000, { run: 20, prune: 15, query: 30 }),
];
