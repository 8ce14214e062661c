import type { FileSystem } from "@millrace/core";

/** Where runs leave a record each: `runs/<generation aimed at>-<k>.json`. */
export const RUNS_FOLDER = "runs";

/** What a run is called: unique, so that the versions it writes are. */
export interface RunRecord {
  /** `12-0`: the first run that aims at generation 12. Also the `version` of the tables it writes. */
  readonly id: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** Claims a name that no other run has or had. */
export async function startRunRecord(files: FileSystem, aim: number, startedAt: number, signal: AbortSignal): Promise<RunRecord> {
  for (let k = 0; ; k++) {
    const record: RunRecord = { id: `${aim}-${k}`, startedAt };
    if (await files.putIfAbsent(runRecordPath(record.id), new TextEncoder().encode(`${JSON.stringify(record)}\n`), signal)) return record;
  }
}

export const runRecordPath = (id: string): string => `${RUNS_FOLDER}/${id}.json`;

/** The generation that a version's run aimed at; undefined for names that no run gives. */
export function aimOf(version: string): number | undefined {
  const match = /^(\d+)-\d+$/.exec(version);
  return match === null ? undefined : Number(match[1]);
}
