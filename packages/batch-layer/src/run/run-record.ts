import type { FileSystem } from "@millrace/core";

/** Where runs leave a record each: `runs/<generation aimed at>-<k>.json`. */
export const RUNS_FOLDER = "runs";

/** What a run is called: unique, so that the versions it writes are. */
export interface RunRecord {
  /** `12-0`: the first run that aims at generation 12. Also the `version` of the tables it writes. */
  readonly id: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** The generation whose tables a rollback is going to name: pruning leaves them. */
  readonly uses?: number;
}

/** Claims a name that no other run has or had. */
export function startRunRecord(files: FileSystem, aim: number, startedAt: number, signal: AbortSignal): Promise<RunRecord> {
  return claimRecord(files, aim, { startedAt }, signal);
}

/** Tells that a rollback is under way. */
export function startRollbackRecord(files: FileSystem, aim: number, startedAt: number, uses: number, signal: AbortSignal): Promise<RunRecord> {
  return claimRecord(files, aim, { startedAt, uses }, signal);
}

async function claimRecord(files: FileSystem, aim: number, what: Omit<RunRecord, "id">, signal: AbortSignal): Promise<RunRecord> {
  for (let k = 0; ; k++) {
    const record: RunRecord = { id: `${aim}-${k}`, ...what };
    if (await files.putIfAbsent(runRecordPath(record.id), new TextEncoder().encode(`${JSON.stringify(record)}\n`), signal)) return record;
  }
}

export const runRecordPath = (id: string): string => `${RUNS_FOLDER}/${id}.json`;

/** The generation that a version's run aimed at; undefined for names that no run gives. */
export function aimOf(version: string): number | undefined {
  const match = /^(\d+)-\d+$/.exec(version);
  return match === null ? undefined : Number(match[1]);
}

/** The records that are there. */
export async function listRunRecords(files: FileSystem, signal: AbortSignal): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  for (const { path } of await files.list(RUNS_FOLDER, signal)) {
    const id = /^runs\/(\d+-\d+)\.json$/.exec(path)?.[1];
    if (id === undefined) continue;
    records.push({ ...(JSON.parse(new TextDecoder().decode(await files.read(path, signal))) as RunRecord), id });
  }
  return records;
}
