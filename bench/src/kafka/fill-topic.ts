import { kafkaLog } from "@millrace/core/kafka";
import type { NewRecord } from "@millrace/core";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { PARTITIONS, listenEvents } from "../listen-events/listen-events.js";
import { measureRun } from "../measure/measure-run.js";

export interface FillTopicParams {
  readonly brokers: readonly string[];
  readonly events: number;
  /** Of the events, those from the `from`-th on and before the `until`-th are appended. Default: all. */
  readonly from?: number;
  readonly until?: number;
}

/** Records of one append: of each partition one request. */
const APPENDED = 3_000;
const IN_FLIGHT = 4;

/** Appends listen events to Kafka. Making them is not measured. */
export async function fillTopic({ brokers, events, from = 0, until = events }: FillTopicParams) {
  const { signal } = new AbortController();
  const log = kafkaLog({ brokers });
  await log.createTopic(LISTEN_EVENTS, { partitions: PARTITIONS }, signal);
  const chunks: NewRecord[][] = [];
  let index = 0;
  for (const { partition, value } of listenEvents(events)) {
    const own = index++;
    if (own < from || own >= until) continue;
    if (chunks.length === 0 || chunks.at(-1)!.length === APPENDED) chunks.push([]);
    chunks.at(-1)!.push({ partition, value });
  }
  const { wallMs, cpuMs } = await measureRun(async () => {
    let next = 0;
    const append = async (): Promise<void> => {
      for (let chunk = chunks[next++]; chunk !== undefined; chunk = chunks[next++]) await log.append(LISTEN_EVENTS, chunk, signal);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, append));
  });
  await log.close();
  return { wallMs, cpuMs };
}
