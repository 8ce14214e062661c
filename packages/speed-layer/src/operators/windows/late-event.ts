/** An event that came after a window it belongs to was closed. `R` is its row. */
export interface LateEvent<R> {
  readonly row: R;
  readonly partition: number;
  readonly offset: number;
  /** Broker time, epoch ms. */
  readonly appendedAt: number;
  /** How far its event time lies behind the newest one that its partition had before it, ms; negative: ahead of it. */
  readonly behindMs: number;
  /** Starts of the windows that it is not counted in; of a session, which has no start yet, empty. */
  readonly missed: readonly Date[];
  /**
   * `behind`: more than `allowedLatenessMs` behind its own partition. A function of the log: every replay says the same.
   * `idle`: its partition was quiet, and the window was closed without waiting for it. A replay, for which nothing is
   * quiet, counts such an event in its window.
   * `restart`: the window was closed before this reading began, and the log shows that the partition had paused, so the
   * event may have been counted, may have been told before, or is new. Better told twice than lost.
   *
   * The latter two are in sink batches of their own.
   */
  readonly cause: "behind" | "idle" | "restart";
}
