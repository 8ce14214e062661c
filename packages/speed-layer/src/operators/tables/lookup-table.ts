import { Problems, systemClock } from "@millrace/core";
import type { Clock } from "@millrace/core";
import { retryCall } from "../../delivery/retry-call.js";
import type { CallOptions } from "../../delivery/retry-call.js";
import type { JoinTable } from "./join-table.js";

export interface LookupTableOptions<K, V extends {}> extends CallOptions {
  readonly name: string;
  /** The values of some keys, asked for together. What the result has not, does not exist. */
  readonly load: (keys: readonly K[], signal: AbortSignal) => Promise<ReadonlyMap<K, V>>;
  /** Keys that are kept at most, those without a value too. */
  readonly maxEntries: number;
  /** How long what was loaded is taken for true, ms of the clock: also that a key does not exist. */
  readonly ttlMs: number;
  /** Keys of one call of `load` at most. Default 1,000. */
  readonly maxKeysPerLoad?: number;
  readonly clock?: Clock;
}

interface Entry<V> {
  readonly value: V | null;
  readonly expiresAt: number;
  /** Asked for since it was last considered for eviction. */
  used: boolean;
}

/**
 * A table behind a call: a database or a service. What was loaded is kept for `ttlMs`, at most `maxEntries` keys; one that
 * was not asked for gives way first (CLOCK, F. Corbató, 1968). A failed load is repeated with growing pauses; then it
 * rejects with a {@link CallFailedError}. Concurrency: one load at a time for each pipeline that asks.
 *
 * @example
 * const users = lookupTable({ name: "users", load: (ids: readonly number[]) => db.users(ids), maxEntries: 100_000, ttlMs: 60_000 });
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function lookupTable<K, V extends {}>(options: LookupTableOptions<K, V>): JoinTable<K, V> {
  const { name, load, maxEntries, ttlMs, maxKeysPerLoad = 1_000, clock = systemClock() } = options;
  const problems = new Problems();
  for (const [path, value] of Object.entries({ maxEntries, maxKeysPerLoad })) {
    if (!Number.isSafeInteger(value) || value < 1) problems.add(path, `must be a whole number of at least 1, not ${value}`);
  }
  if (!(ttlMs > 0)) problems.add("ttlMs", `must be more than 0, not ${ttlMs}`);
  problems.throwIfAny(`making lookup table "${name}"`);
  const retry = retryCall({ ...options, clock });
  const entries = new Map<K, Entry<V>>();
  /** Goes round; it is kept because a new iterator would first step over all that was deleted. */
  let hand = entries.entries();
  const evict = (): void => {
    for (;;) {
      const next = hand.next();
      if (next.done === true) {
        hand = entries.entries();
        continue;
      }
      const [key, entry] = next.value;
      if (!entry.used) {
        entries.delete(key);
        return;
      }
      entry.used = false;
    }
  };
  const keep = (key: K, value: V | null, expiresAt: number): void => {
    if (!entries.has(key) && entries.size >= maxEntries) evict();
    entries.set(key, { value, expiresAt, used: false });
  };
  return {
    name,
    snapshot() {
      const now = clock.now();
      return (key) => {
        const entry = entries.get(key);
        if (entry === undefined || entry.expiresAt <= now) return undefined;
        entry.used = true;
        return entry.value;
      };
    },
    async lookUp(keys, signal) {
      const found = new Map<K, V>();
      for (let from = 0; from < keys.length; from += maxKeysPerLoad) {
        const part = keys.slice(from, from + maxKeysPerLoad);
        const loaded = await retry(`looking up ${part.length} keys in "${name}"`, (attempt) => load(part, attempt), signal);
        const expiresAt = clock.now() + ttlMs;
        for (const key of part) {
          const value = loaded.get(key) ?? null;
          if (value !== null) found.set(key, value);
          keep(key, value, expiresAt);
        }
      }
      return found;
    },
  };
}
