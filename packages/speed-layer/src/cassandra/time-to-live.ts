import { CassandraError } from "./cassandra-error.js";
import { intBytes } from "./cql-values.js";

/** Cassandra's longest time to live: 20 years. */
const LONGEST_S = 630_720_000;
/** Unless `storage_compatibility_mode` is NONE, nodes refuse what would expire later: 2038-01-19. */
const LAST_EXPIRY_MS = (2 ** 31 - 2) * 1_000;

/**
 * The time to live that ends at `expiresAt` (epoch ms) or up to a second later, as an `int`; undefined, which is no expiry,
 * for a life that is longer than Cassandra can say.
 *
 * @throws {CassandraError} when `expiresAt` has passed: Cassandra reads 0 as for ever.
 */
export function timeToLive(doing: string, expiresAt: number, now: number): Buffer | undefined {
  const seconds = Math.ceil((expiresAt - now) / 1_000);
  if (!(seconds > 0)) throw new CassandraError(doing, "invalid", `the rows expired at ${new Date(expiresAt).toISOString()}`);
  return seconds > LONGEST_S || expiresAt >= LAST_EXPIRY_MS - 60_000 ? undefined : intBytes(seconds);
}
