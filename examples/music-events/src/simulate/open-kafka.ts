import { kafkaLog } from "@millrace/core/kafka";
import type { EventTarget } from "./event-target.js";
import { LogTarget } from "./log-target.js";

/**
 * Topics of a Kafka cluster as a target; those that are missing are created. The brokers stamp the records as they come,
 * so whatever a run that is not continuous tells of the past is late.
 */
export async function openKafka(brokers: readonly string[], signal: AbortSignal): Promise<EventTarget> {
  const log = kafkaLog({ brokers });
  try {
    const target = await LogTarget.create(log, () => {}, signal);
    return {
      hasRoomFor: (event) => target.hasRoomFor(event),
      add: (event) => target.add(event),
      flush: (flushSignal) => target.flush(flushSignal),
      close: () => log.close(),
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}
