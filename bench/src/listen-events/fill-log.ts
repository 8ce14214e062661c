import { lmdbLog, type StampedRecord } from "@millrace/core/lmdb";
import { measureRun } from "../measure/measure-run.js";
import { MINUTES, PARTITIONS, listenEvents } from "./listen-events.js";

export interface FillLogParams {
  /** The log's folder. */
  readonly path: string;
  /** Events there are; of which those from the `from`-th on and before the `until`-th are appended. Default: all. */
  readonly events: number;
  readonly from?: number;
  readonly until?: number;
  readonly minutes?: number;
}

export const LISTEN_EVENTS = "listen_events";

/** Records of one append. */
const APPENDED = 10_000;

/** Appends listen events to an embedded log. Making them is not measured. */
export async function fillLog({ path, events, from = 0, until = events, minutes = MINUTES }: FillLogParams) {
  const { signal } = new AbortController();
  const log = lmdbLog({ path });
  await log.createTopic(LISTEN_EVENTS, { partitions: PARTITIONS }, signal);
  let bytes = 0;
  let wallMs = 0;
  let cpuMs = 0;
  let records: StampedRecord[] = [];
  const append = async () => {
    const taken = await measureRun(() => log.append(LISTEN_EVENTS, records, signal));
    wallMs += taken.wallMs;
    cpuMs += taken.cpuMs;
    records = [];
  };
  let index = 0;
  for (const { partition, appendedAt, value } of listenEvents(events, minutes)) {
    const own = index++;
    if (own < from || own >= until) continue;
    bytes += Buffer.byteLength(value);
    records.push({ partition, appendedAt, value });
    if (records.length === APPENDED) await append();
  }
  if (records.length > 0) await append();
  await log.close();
  return { bytes, wallMs, cpuMs };
}
