import { tap } from "rxjs";
import type { Subscription } from "rxjs";
import { Problems, orAborted } from "@millrace/core";
import type { Clock, Columns, EventLog, Row, Stream, Telemetry } from "@millrace/core";
import { sourceOf } from "../../consume/batch-source.js";
import { consumeAll } from "../../consume/consume-all.js";
import { discard } from "../discard.js";
import { TableFullError } from "./table-full-error.js";
import type { JoinTable } from "./join-table.js";

/** What {@link changelogTable} reads and keeps. */
export interface ChangelogTableOptions<C extends Columns, K, V extends {}> {
  readonly name: string;
  readonly log: EventLog;
  /** Each record sets the value of a key; the last one counts. Records of one key must lie in one partition. */
  readonly stream: Stream<C>;
  /** The key whose value the record sets. */
  readonly key: (row: Row<C>) => K;
  /** Null removes the key. */
  readonly value: (row: Row<C>) => V | null;
  /** Keys that it may hold. More are an error: forgetting one would answer that it does not exist. */
  readonly maxEntries: number;
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/** A table that reads a log until it is closed. */
export interface ChangelogTable<K, V extends {}> extends JoinTable<K, V> {
  /** Ends reading and forgets everything. Safe to call twice. A later question reads anew. */
  close(): void;
}

/**
 * A changelog stream as a table in memory: read from its beginning when it is first asked, then kept up to date. The first
 * question waits until every partition was read to where it ended; later ones are answered at once, from what was read
 * so far.
 *
 * Rejects with what reading fails with, and with {@link TableFullError} beyond `maxEntries`; the next question reads anew.
 * Memory: one entry a key.
 *
 * @example
 * const prices = changelogTable({ name: "prices", log, stream: priceChanges, key: ({ item }) => item, value: ({ price }) => price, maxEntries: 50_000 });
 *
 * @throws {ConfigurationError} when `maxEntries` is no whole number of at least 1.
 */
export function changelogTable<C extends Columns, K, V extends {}>(options: ChangelogTableOptions<C, K, V>): ChangelogTable<K, V> {
  const { name, log, stream, key, value, maxEntries, clock, telemetry } = options;
  const problems = new Problems();
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) problems.add("maxEntries", `must be a whole number of at least 1, not ${maxEntries}`);
  problems.throwIfAny(`making changelog table "${name}"`);
  let reading: Reading<K, V> | undefined;

  const start = (): Reading<K, V> => {
    const entries = new Map<K, V>();
    const caughtUp = new Set<number>();
    const own: Reading<K, V> = { entries, isReady: false, ready: Promise.resolve(), subscription: undefined };
    own.ready = new Promise((resolve, reject) => {
      own.subscription = consumeAll(log, stream, { ...(clock === undefined ? {} : { clock }), ...(telemetry === undefined ? {} : { telemetry }) }, (batches) =>
        batches.pipe(
          tap((batch) => {
            for (const row of batch.rows) {
              const next = value(row);
              if (next === null) entries.delete(key(row));
              else entries.set(key(row), next);
            }
            if (entries.size > maxEntries) throw new TableFullError(name, maxEntries);
            const { raw, reading: of } = sourceOf(batch, `table "${name}"`);
            if (own.isReady || raw.position < raw.end) return;
            caughtUp.add(batch.partition);
            if ([...of!.partitions].some((partition) => !caughtUp.has(partition))) return;
            own.isReady = true;
            resolve();
          }),
          discard(),
        ),
      ).subscribe({
        error: (error: unknown) => {
          if (reading === own) reading = undefined;
          reject(error as Error);
        },
      });
    });
    // Whoever asks looks at it; a failure that nobody asked about is met by the next one who does.
    own.ready.catch(() => undefined);
    return own;
  };

  return {
    name,
    snapshot() {
      const own = reading;
      if (own === undefined || !own.isReady) return () => undefined;
      return (of) => own.entries.get(of) ?? null;
    },
    async lookUp(keys, signal) {
      const own = (reading ??= start());
      await orAborted(own.ready, signal);
      const found = new Map<K, V>();
      for (const of of keys) {
        const known = own.entries.get(of);
        if (known !== undefined) found.set(of, known);
      }
      return found;
    },
    close() {
      reading?.subscription?.unsubscribe();
      reading = undefined;
    },
  };
}

interface Reading<K, V> {
  readonly entries: Map<K, V>;
  isReady: boolean;
  ready: Promise<void>;
  subscription: Subscription | undefined;
}
