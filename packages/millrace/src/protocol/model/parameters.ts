/*
 * The protocol with small numbers: a history of eighty steps crosses many segments, expires rows and prunes generations.
 * Times are ms of a simulated clock.
 */

/** S of the grid. */
export const SEGMENT_OFFSETS = 6;
/** T of the grid. */
export const SEGMENT_MS = 10;
export const SEAL_GUARD_MS = 4;
export const SPEED_RETENTION_MS = 80;
/** `coveredUntil` lies this much before the expiry of the rows. */
export const COVER_MARGIN_MS = 2;
/** A query that takes longer fails; nothing is pruned before that. */
export const LONGEST_QUERY_MS = 12;
/** Generations, besides the highest, that pruning keeps and a rollback may name. */
export const KEPT_GENERATIONS = 1;
/** An event date of the model. */
export const DATE_MS = 40;
export const PARTITIONS = 2;
/** The second view is deployed while everything runs. */
export const VIEWS = 2;
