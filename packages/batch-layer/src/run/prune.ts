import { generationPath, listGenerations, type Clock, type FileSystem } from "@millrace/core";
import { completeSwitch } from "./publish.js";
import { aimOf, RUNS_FOLDER } from "./run-record.js";

/** A run without a sign for so long is dead, ms. */
const DEAD_RUN_MS = 86_400_000;

export interface PruneOptions {
  /** How many of the newest generations stay; the current one always does. */
  readonly keep: number;
  /** A generation stays this long after it was replaced, ms: longer than any query. Default one hour. */
  readonly graceMs?: number;
}

export interface Pruned {
  /** Numbers of the generations that are gone. */
  readonly generations: readonly number[];
  /** Versions of tables that are gone, `<table>/[date=<date>/]version=<version>`. */
  readonly versions: readonly string[];
  readonly bytes: number;
}

/** Removes generations beyond those to keep, then every version that no remaining one uses and no living run writes. */
export async function prune(files: FileSystem, clock: Clock, { keep, graceMs = 3_600_000 }: PruneOptions, signal: AbortSignal): Promise<Pruned> {
  const now = clock.now();
  const current = await completeSwitch(files, signal);
  const all = await listGenerations(files, signal);
  const isKept = (i: number) => i >= all.length - Math.max(1, keep) || all[i + 1]!.publishedAt + graceMs > now || all[i]!.number === current?.number;
  const kept = all.filter((_, i) => isKept(i));
  const gone = all.filter((_, i) => !isKept(i));
  // First the generations, so that nobody goes back to one whose tables are about to go.
  for (const { number } of gone) await files.remove(generationPath(number), signal);

  const used = new Set(kept.flatMap(({ tables }) => tables.flatMap(({ versions }) => Object.values(versions).flatMap((version) => version.files.map(folderOf)))));
  const highest = all.at(-1)?.number ?? 0;
  const starts = new Map<string, number>();
  for (const { path } of await files.list(RUNS_FOLDER, signal)) {
    const match = /^runs\/(\d+-\d+)\.json$/.exec(path);
    if (match === null) continue;
    const record = JSON.parse(new TextDecoder().decode(await files.read(path, signal))) as { readonly startedAt: number };
    starts.set(match[1]!, record.startedAt);
  }
  const isAlive = (version: string) => {
    const aim = aimOf(version);
    // A run whose number is taken has published or lost.
    if (aim === undefined || aim <= highest) return false;
    const startedAt = starts.get(version);
    return startedAt !== undefined && startedAt + DEAD_RUN_MS > now;
  };
  const versions = new Set<string>();
  let bytes = 0;
  for (const file of await files.list("tables", signal)) {
    const folder = folderOf(file.path);
    const version = /\/version=([^/]+)$/.exec(folder)?.[1];
    if (version === undefined || used.has(folder) || isAlive(version)) continue;
    versions.add(folder);
    bytes += file.bytes;
  }
  for (const folder of versions) await files.remove(folder, signal);
  for (const id of starts.keys()) {
    if (isAlive(id)) continue;
    await files.remove(`${RUNS_FOLDER}/${id}`, signal); // what a dead run left of folding
    // Records of numbers that may still be aimed at stay: a version's name must not come twice.
    if ((aimOf(id) ?? 0) <= highest) await files.remove(`${RUNS_FOLDER}/${id}.json`, signal);
  }
  return { generations: gone.map(({ number }) => number), versions: [...versions].map((folder) => folder.slice("tables/".length)).sort(), bytes };
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
