import type { Standing, State } from "../state.js";

/** A choice between pages, states or standings: relative weights, which need no particular sum. */
export interface Weighted<T> {
  readonly value: T;
  readonly weight: number;
}

/** One of the pages that may follow. */
export interface Transition {
  /** Number of the state that follows. */
  readonly to: number;
  readonly p: number;
}

/**
 * A site and its users: a configuration file that has been read. Times are seconds unless the name says otherwise.
 * States are referred to by their number, the index in `states`.
 */
export interface SimulatorConfig {
  /** The file it was read from, for messages. */
  readonly source: string;
  /** SHA-256 (hex) of the file's text: two runs with one digest have one configuration. */
  readonly digest: string;
  readonly seed: number;
  /** Mean over users of a user's mean gap between two pages (`alpha`). */
  readonly eventGapSec: number;
  /** Mean over users of a user's mean gap between two sessions (`beta`). */
  readonly sessionGapSec: number;
  /** The least pause between two sessions of a user. */
  readonly leastSessionGapSec: number;
  /** Amplitude of the daily shift of session starts, as a fraction of a day. Above 1/(2 pi) the day folds over itself. */
  readonly dailyDamping: number;
  /** Chance that a session start in the middle of a weekend or holiday is dropped. */
  readonly weekendDamping: number;
  /** The weekend comes on a ramp that starts this long before its first midnight, and goes on one that ends as long after its last. */
  readonly weekendOffsetSec: number;
  /** Length of that ramp. */
  readonly weekendRampSec: number;
  /** Who is in this state of authentication when a session ends never comes back. */
  readonly churnedAuth: string | undefined;
  readonly newUser: Standing;
  readonly initialUsers: readonly Weighted<Standing>[];
  /** States of authentication whose records say who it was. */
  readonly shownAuths: ReadonlySet<string>;
  readonly states: readonly State[];
  /** By state number. What a row leaves of 1 is the chance that the session ends there. */
  readonly transitions: readonly (readonly Transition[])[];
  /** The first state of a session, by `standingKey`. */
  readonly newSessions: ReadonlyMap<string, readonly Weighted<number>[]>;

  // What a file may say in place of the command line.
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly users: number | undefined;
  readonly firstUserId: number | undefined;
  /** Sign-ups a year for each user there is. */
  readonly growthRate: number | undefined;
  readonly tag: string | undefined;
}
