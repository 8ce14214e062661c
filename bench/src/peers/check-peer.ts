import { checkTotals, type Totals } from "../decode-fold/totals.js";
import type { Peer } from "./peer.js";
import type { Round } from "./run-rounds.js";

/** Six standard errors: what an estimate of users may be off. */
const ERRORS = 6;
/** Of an estimate over few users: it is a whole number. */
const ROUNDING = 1;

/**
 * The results of a round in words.
 *
 * @throws {Error} when they are not those of the baseline: the counts exactly, users within six standard errors. A peer
 * that is known to drop updates must own up to each one that is missing.
 */
export function checkPeer({ name, usersError, mayDrop }: Peer, { totals, dropped }: Pick<Round, "totals" | "dropped">, expected: Totals): string {
  if (mayDrop !== undefined && dropped > 0) {
    const sum = (of: Pick<Totals, "minute" | "song" | "artist" | "state">) => of.minute[1] + of.song[1] + of.artist[1] + of.state[1];
    const missing = sum(expected) - sum(totals);
    if (missing !== dropped) throw new Error(`checking ${name}: ${missing} updates are missing, and it says it dropped ${dropped}`);
    return `differ: ${((dropped * 100) / sum(expected)).toFixed(0)} % of the updates dropped, for ${mayDrop}`;
  }
  checkTotals(name, { ...totals, users: expected.users, sketched: false }, expected);
  if (totals.users.length !== expected.users.length) throw new Error(`checking ${name}: ${totals.users.length} minutes have users, not ${expected.users.length}`);
  totals.users.forEach((users, minute) => {
    const exact = expected.users[minute]!;
    const bound = usersError === 0 ? 0 : exact * usersError * ERRORS + ROUNDING;
    if (Math.abs(users - exact) > bound) throw new Error(`checking ${name}: minute ${minute} has ${users} users, not ${exact}`);
  });
  return usersError === 0 ? "agree" : `agree, users within ${(usersError * 100 * ERRORS).toFixed(0)} %`;
}
