import { generationPath, listGenerations, readCurrentNumber, type Clock, type Generation, type TableGeneration } from "@millrace/core";
import { completeSwitch, type Publication } from "./publish.js";
import { aimOf, listRunRecords, runRecordPath, RUNS_FOLDER, type RunRecord } from "./run-record.js";

/** A run without a sign for so long is dead, ms. */
const DEAD_RUN_MS = 86_400_000;

/** What pruning leaves alone. */
export interface PruneOptions {
  /** How many of the newest generations stay; the current one always does. */
  readonly keep: number;
  /** A generation stays this long after it was replaced, ms: longer than any query. Default one hour. */
  readonly graceMs?: number;
  /**
   * The newest generation with a table of an earlier declaration stays this long after it was published, ms: processes of
   * that declaration are served from it until they are replaced. Default 7 days, as long as the speed layer's rows above
   * its cut live.
   */
  readonly changedMs?: number;
  /** Generations that go as soon as no query reads them, however few are left. */
  readonly without?: (generation: Generation) => boolean;
}

/** What pruning removed. */
export interface Pruned {
  /** Numbers of the generations that are gone. */
  readonly generations: readonly number[];
  /** Versions of tables that are gone, `<table>/[date=<date>/]version=<version>`. */
  readonly versions: readonly string[];
  readonly bytes: number;
}

/**
 * Removes generations beyond those to keep, then every version that no remaining one uses and no living run writes.
 *
 * Others work meanwhile, so the order matters. A run records itself before it writes its first table, and a rollback
 * before it reads the generation that it goes back to: so for every table listed there is a record or a generation in
 * the lists that are read after it, or nobody will ever use it.
 */
export async function prune(publication: Publication, clock: Clock, { keep, graceMs = 3_600_000, changedMs = 7 * 86_400_000, without = () => false }: PruneOptions, signal: AbortSignal): Promise<Pruned> {
  const { files, catalog } = publication;
  const now = clock.now();
  // Where a dead run's switch is completed only now, queries are still reading what was current.
  const replaced = await readCurrentNumber(files, signal);
  const current = await completeSwitch(publication, signal);
  const shown = await catalog?.current(signal);
  const all = await listGenerations(files, signal);
  const earlier = ofEarlierDeclarations(all, current);
  const isKept = (generation: Generation, i: number) => {
    const { number, publishedAt } = generation;
    const next = all[i + 1];
    if (next === undefined || next.publishedAt + graceMs > now || number === current?.number || number === replaced || number === shown) return true;
    return !without(generation) && (i >= all.length - Math.max(1, keep) || (earlier.has(number) && publishedAt + changedMs > now));
  };
  const gone = all.filter((generation, i) => !isKept(generation, i));
  // First the generations, so that nobody goes back to one whose tables are about to go.
  for (const { number } of gone) await files.remove(generationPath(number), signal);

  const tables = await files.list("tables", signal);
  const records = await listRunRecords(files, signal);
  const kept = await listGenerations(files, signal);
  const highest = kept.at(-1)?.number ?? 0;
  const isAlive = ({ id, startedAt }: RunRecord) => {
    // A run whose number is taken has published or lost.
    const aim = aimOf(id);
    return aim !== undefined && aim > highest && startedAt + DEAD_RUN_MS > now;
  };
  const alive = records.filter(isAlive);
  const rollbacks = gone.filter(({ number }) => alive.some(({ uses }) => uses === number));
  const used = new Set([...kept, ...rollbacks].flatMap(foldersOf));
  const written = new Set(alive.map(({ id }) => id));
  const versions = new Set<string>();
  let bytes = 0;
  for (const file of tables) {
    const folder = folderOf(file.path);
    const version = /\/version=([^/]+)$/.exec(folder)?.[1];
    if (version === undefined || used.has(folder) || written.has(version)) continue;
    versions.add(folder);
    bytes += file.bytes;
  }
  await catalog?.forget({ generations: gone.map(({ number }) => number), versions: [...versions] }, signal);
  for (const folder of versions) await files.remove(folder, signal);
  for (const record of records) {
    if (isAlive(record)) continue;
    await files.remove(`${RUNS_FOLDER}/${record.id}`, signal); // what a dead run left of folding
    // A version's name must not come twice: not while a run may still aim at that number, nor while a slow one may that
    // planned before it was taken.
    if ((aimOf(record.id) ?? 0) <= highest && record.startedAt + DEAD_RUN_MS <= now) await files.remove(runRecordPath(record.id), signal);
  }
  return { generations: gone.map(({ number }) => number), versions: [...versions].map((folder) => folder.slice("tables/".length)).sort(), bytes };
}

/** The numbers of the newest generations with tables that the current one does not have as they were declared there. */
function ofEarlierDeclarations(all: readonly Generation[], current: Generation | null): ReadonlySet<number> {
  const keyOf = ({ kind, name, fingerprint }: TableGeneration) => `${kind} ${name} ${fingerprint}`;
  const seen = new Set(current?.tables.map(keyOf));
  const newest = new Set<number>();
  for (const { number, tables } of [...all].reverse()) {
    for (const key of tables.map(keyOf)) {
      if (!seen.has(key)) newest.add(number);
      seen.add(key);
    }
  }
  return newest;
}

const foldersOf = ({ tables }: Generation): readonly string[] => tables.flatMap(({ versions }) => Object.values(versions).flatMap((version) => version.files.map(folderOf)));

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
