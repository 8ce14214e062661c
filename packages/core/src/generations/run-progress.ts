import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import { readJsonFile } from "../files/read-json-file.js";
import type { FileSystem } from "../ports/file-system.js";
import type { TableOf } from "./served-generations.js";

/** How far a run is that builds tables anew: `runs/<run>/progress.json`, replaced after each of its steps. */
export interface RunProgress {
  readonly format: 1;
  /** The run's name: `12-0`. */
  readonly run: string;
  /** The generation that it is going to publish. */
  readonly number: number;
  /** Epoch ms: when it began, and its last sign. */
  readonly startedAt: number;
  readonly at: number;
  /** Segments that are read again first, for a stream that was declared anew or for an erasure. */
  readonly segments: { readonly done: number; readonly total: number };
  /** Dates that are built, by table. */
  readonly tables: readonly (TableOf & { readonly done: number; readonly total: number })[];
}

const PATH = /^runs\/[^/]+\/progress\.json$/;

/** Where a run says how far it is; the folder goes when the run has ended. */
export const runProgressPath = (run: string): string => `runs/${run}/progress.json`;

/** Replaces what is known of a run that is under way. */
export async function writeRunProgress(files: FileSystem, progress: RunProgress, signal: AbortSignal): Promise<void> {
  await files.replace(runProgressPath(progress.run), new TextEncoder().encode(`${JSON.stringify(progress)}\n`), signal);
}

/**
 * What runs have said that are at work, or died at it: the newest sign first. A run that published has removed its own.
 *
 * @throws {UnreadableFileError} when a file is torn.
 */
export async function readRunProgress(files: FileSystem, signal: AbortSignal): Promise<readonly RunProgress[]> {
  const found: RunProgress[] = [];
  for (const { path } of await files.list("runs", signal)) {
    if (!PATH.test(path)) continue;
    const progress = (await readJsonFile(files, path, signal)) as Partial<RunProgress> | null | undefined;
    if (progress === undefined) continue;
    if (progress?.format !== 1 || !Array.isArray(progress.tables) || progress.segments === undefined) throw new UnreadableFileError(path, "it is not the progress of a run in format 1");
    found.push(progress as RunProgress);
  }
  return found.sort((a, b) => b.at - a.at || b.number - a.number);
}

/** A sentence on how far the newest run is that builds this table, or undefined when none does. */
export function describeProgress(runs: readonly RunProgress[], table: TableOf): string | undefined {
  for (const { number, segments, tables, startedAt, at } of runs) {
    const own = tables.find(({ name, kind, fingerprint }) => name === table.name && kind === table.kind && fingerprint === table.fingerprint);
    if (own === undefined) continue;
    const all = tables.reduce((sum, each) => ({ done: sum.done + each.done, total: sum.total + each.total }), { done: 0, total: 0 });
    const again = segments.done < segments.total ? `, after ${segments.done} of ${segments.total} segments have been read again` : "";
    return (
      `generation ${number} is being built with it: ${own.done} of ${own.total} dates of "${own.name}" are done, ${all.done} of ${all.total} in all${again}; ` +
      `begun ${new Date(startedAt).toISOString()}, last sign ${new Date(at).toISOString()}`
    );
  }
  return undefined;
}
