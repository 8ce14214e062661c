import { erasesAsMuch, partitionName, readGeneration, walkChain, type Clock, type Generation, type ViewDefinition, type ViewStore } from "@millrace/core";
import { completeSwitch, publish, type Publication } from "./publish.js";
import { RollbackNotCoveredError, RunOptionError } from "./run-errors.js";
import { startRollbackRecord } from "./run-record.js";

export interface Rollback {
  readonly publication: Publication;
  readonly clock: Clock;
  readonly store: ViewStore | undefined;
  readonly views: readonly ViewDefinition[];
  /** The generation to have the content of. */
  readonly number: number;
}

/**
 * Publishes an old generation's content as a new one. The speed layer must still cover everything between its cut and
 * the present one, or answers would be refused.
 *
 * @throws {RollbackNotCoveredError} naming the partitions that are not covered.
 */
export async function rollback({ publication, clock, store, views, number }: Rollback, signal: AbortSignal): Promise<Generation> {
  const { files } = publication;
  const startedAt = clock.now();
  const highest = await completeSwitch(publication, signal);
  if (highest === null) throw new RunOptionError(`rolling back to generation ${number}`, "nothing was published yet");
  if (highest.number === number) throw new RunOptionError(`rolling back to generation ${number}`, "it is the current one");
  // Before it is read: from then on pruning leaves its tables, even if it takes the generation itself.
  await startRollbackRecord(files, highest.number + 1, startedAt, number, signal);
  const old = await readGeneration(files, number, signal);
  for (const topic of Object.keys(highest.erasures ?? {})) {
    if (!erasesAsMuch(old, highest, topic)) throw new RunOptionError(`rolling back to generation ${number}`, `it still has records of "${topic}" that were erased`);
  }
  const gaps: string[] = [];
  if (store !== undefined) {
    for (const view of views) {
      const { topic } = view.from;
      if (!old.tables.some(({ name, fingerprint }) => name === view.name && fingerprint === view.fingerprint)) continue;
      const progress = await store.readProgress(view.fingerprint, topic, signal);
      for (const { partition, logVersion, offset } of highest.cut[topic] ?? []) {
        const from = old.cut[topic]?.find((position) => position.partition === partition && position.logVersion === logVersion)?.offset ?? 0;
        if (from >= offset) continue;
        const links = progress.filter(({ segment, coveredUntil }) => segment.partition === partition && segment.logVersion === logVersion && coveredUntil > startedAt);
        const { reach } = walkChain(links, from);
        if (reach < offset) gaps.push(`[${reach}, ${offset}) of "${partitionName({ topic, partition, logVersion })}" for view "${view.name}"`);
      }
    }
  }
  if (gaps.length > 0) throw new RollbackNotCoveredError(number, gaps);
  return publish(
    publication,
    {
      ...old,
      number: highest.number + 1,
      parent: highest.number,
      kind: "rollback",
      contentOf: old.contentOf ?? old.number,
      startedAt,
      publishedAt: clock.now(),
    },
    signal,
  );
}
