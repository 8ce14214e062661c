/** What protects the answers. All are on in Millrace; a test switches each off and expects the model to find a wrong answer. */
export interface Rules {
  /** The chain follows `previous`; off: whatever starts at or above what was merged last. */
  readonly chainFollowsPrevious: boolean;
  /** Only a sealed segment has a follower on the chain. */
  readonly chainNeedsSealed: boolean;
  /** A row whose `until` lies beyond the reach is refused. */
  readonly refusesBeyondReach: boolean;
  /** A reader takes the pointer once; off: it looks again for the tables. */
  readonly pointerTakenOnce: boolean;
  /** `coveredUntil` is checked again after the last row. */
  readonly coverageRechecked: boolean;
  /** A table version that is gone is an error; off: it has no rows. */
  readonly missingVersionFails: boolean;
  /** Answers over writes that reads do not overlap say so. */
  readonly flagsMissingOverlap: boolean;
  /** Expiry and `coveredUntil` are functions of the log; off: of the clock at the write. */
  readonly expiryFromLog: boolean;
  /** Write timestamps are functions of the log; off: the last write wins. */
  readonly writeTimestamps: boolean;
  /** The progress row is written after the rows it speaks of. */
  readonly progressAfterRows: boolean;
  /** A segment that a manifest ended short of the grid has an id of its own. */
  readonly endedSegmentsHaveOwnId: boolean;
  /** A worker writes a segment only if it read it from its first record. */
  readonly wholeSegmentsOnly: boolean;
  /** A worker starts at the smallest position over the views it serves. */
  readonly startsAtOldestView: boolean;
  /** A worker writes the progress row again that its start rests on: its writer may have died before it was durable. */
  readonly startsOnDurableProgress: boolean;
  /** At every new manifest, generation or rollback a worker walks the chain again. */
  readonly workersWalkAgain: boolean;
  /** Every process compares the log version with the recorded one. */
  readonly logVersionChecked: boolean;
  /** Dead letters move `until` and open segments like any record. */
  readonly deadLettersAreRecords: boolean;
  /** A segment's end is fixed, create-without-overwrite, before its first file. */
  readonly endFixedFirst: boolean;
  /** Ingest refuses to go on after a hole that trimming left. */
  readonly ingestRefusesHoles: boolean;
  /** The plan has the dates of every manifest between the two cuts, whichever is higher. */
  readonly planInBothDirections: boolean;
  /** Every statement over the master dataset ends at the cut. */
  readonly statementsEndAtCut: boolean;
  /** The claim is highest + 1; off: parent + 1. */
  readonly claimsHighestPlusOne: boolean;
  /** A claim whose parent is not the highest loses. */
  readonly parentMustBeHighest: boolean;
  /** A run that finds a higher generation than `current` first completes that switch. */
  readonly completesSwitch: boolean;
  /** Nothing is pruned before the longest query has ended. */
  readonly pruningWaits: boolean;
}

export const ALL_RULES: Rules = {
  chainFollowsPrevious: true,
  chainNeedsSealed: true,
  refusesBeyondReach: true,
  pointerTakenOnce: true,
  coverageRechecked: true,
  missingVersionFails: true,
  flagsMissingOverlap: true,
  expiryFromLog: true,
  writeTimestamps: true,
  progressAfterRows: true,
  endedSegmentsHaveOwnId: true,
  wholeSegmentsOnly: true,
  startsAtOldestView: true,
  startsOnDurableProgress: true,
  workersWalkAgain: true,
  logVersionChecked: true,
  deadLettersAreRecords: true,
  endFixedFirst: true,
  ingestRefusesHoles: true,
  planInBothDirections: true,
  statementsEndAtCut: true,
  claimsHighestPlusOne: true,
  parentMustBeHighest: true,
  completesSwitch: true,
  pruningWaits: true,
};
