import type { Clock } from "@millrace/core";

/** What {@link keepAhead} takes. */
export interface KeepAheadOptions {
  /** The first instant that was told. */
  readonly toldAt: number;
  /** How far ahead an instant is told, ms, and half of it how far ahead it stays. 0: it is told once. */
  readonly aheadMs: number;
  /** The time on the clock of who reads the instant. */
  readonly now: () => number;
  /** Tells another instant in the place of the one before, in one step. */
  readonly tell: (at: number) => Promise<void>;
  readonly clock: Clock;
}

/**
 * Does work that must end before an instant which was told ahead, however long it takes: half the way there another
 * instant is told in its place. The work's end therefore bounds nothing; the time that `tell` takes does.
 *
 * @returns by how much an instant had passed before another was told in its place, or the work had ended, at worst, ms; 0 where none had.
 */
export async function keepAhead(work: Promise<unknown>, { toldAt, aheadMs, now, tell, clock }: KeepAheadOptions, signal: AbortSignal): Promise<number> {
  if (aheadMs === 0) {
    await work;
    return 0;
  }
  let told = toldAt;
  let lateMs = 0;
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const isOver = work.then(() => true).finally(() => ended.abort());
  const hasHalfGone = () => clock.sleep(Math.max(0, told - aheadMs / 2 - now()), either).then(() => false, () => isOver);
  try {
    while (!(await Promise.race([isOver, hasHalfGone()]))) {
      const next = now() + aheadMs;
      await tell(next);
      lateMs = Math.max(lateMs, now() - told);
      told = next;
    }
  } finally {
    await isOver;
  }
  return Math.max(lateMs, now() - told);
}
