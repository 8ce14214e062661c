import { kafkaLog } from "@millrace/core/kafka";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { listenEvents } from "../listen-events/listen-events.js";
import { appendAtPace, type PacedRecord } from "../latency/append-at-pace.js";

export interface ProduceAtPaceParams {
  readonly brokers: readonly string[];
  readonly events: number;
  readonly eventsPerSecond: number;
}

/** Appends events of now at an even pace. Times are epoch ms, so that another process can compare them with its own. */
export async function produceAtPace({ brokers, events, eventsPerSecond }: ProduceAtPaceParams): Promise<{ readonly records: readonly PacedRecord[] }> {
  const log = kafkaLog({ brokers });
  // The producer asks for its ids with the first request.
  const records = await appendAtPace(log, LISTEN_EVENTS, listenEvents(events), eventsPerSecond);
  await log.close();
  const { timeOrigin } = performance;
  return { records: records.map(({ dueAt, appendedAt, ...record }) => ({ ...record, dueAt: dueAt + timeOrigin, appendedAt: appendedAt + timeOrigin })) };
}
