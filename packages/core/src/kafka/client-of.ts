import { fromKafkajs } from "./from-kafkajs.js";
import type { KafkaClient } from "./kafka-client.js";
import type { KafkaConnection } from "./kafka-log.js";

/** The client that is given, or one of kafkajs. */
export function clientOf({ brokers, client }: KafkaConnection): KafkaClient {
  if (client === undefined) return fromKafkajs({ brokers: [...(brokers ?? [])] });
  return "fetcher" in client ? client : fromKafkajs(client);
}
