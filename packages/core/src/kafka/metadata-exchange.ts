import type { KafkaPartition, KafkaTopic } from "./kafka-client.js";
import type { Api, BrokerAddress } from "./kafkajs-connection.js";
import { WireReader } from "./wire-reader.js";
import { WireWriter } from "./wire-writer.js";

/** Version 12 is the first that names topics by id (KIP-516); kafkajs stops at 6. */
export const METADATA: Api = { key: 3, name: "Metadata", version: 12 };

const NO_ID = Buffer.alloc(16);

/** Topics as a broker sees them. */
export interface Metadata {
  readonly brokers: ReadonlyMap<number, BrokerAddress>;
  /** Without those that do not exist, and without internal ones. */
  readonly topics: readonly KafkaTopic[];
  /** Of those asked for: topic -> error code. */
  readonly refused: ReadonlyMap<string, number>;
}

/** `topics` absent: all. */
export function encodeMetadataRequest(topics?: readonly string[]): Buffer {
  const request = new WireWriter().noTags();
  if (topics === undefined) request.unsigned(0);
  else request.compactArray(topics, (topic) => request.raw(NO_ID).compactString(topic).noTags());
  // Neither creates topics, nor tells what may be done with them.
  return request.int8(0).int8(0).noTags().bytes();
}

export function decodeMetadata(payload: Buffer): Metadata {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  const brokers = new Map<number, BrokerAddress>();
  reader.compactArray(() => {
    const node = reader.int32();
    brokers.set(node, { host: reader.compactString() ?? "", port: reader.int32(), rack: reader.compactString() });
    reader.tags();
  });
  reader.compactString();
  reader.int32();
  const topics: KafkaTopic[] = [];
  const refused = new Map<string, number>();
  reader.compactArray(() => {
    const error = reader.int16();
    const name = reader.compactString() ?? "";
    const id = topicId(reader.uuid());
    const internal = reader.int8() !== 0;
    const partitions = reader.compactArray((): KafkaPartition => {
      reader.int16();
      const partition = reader.int32();
      const leader = reader.int32();
      const leaderEpoch = reader.int32();
      for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
      reader.tags();
      return { partition, leader, leaderEpoch };
    });
    reader.int32();
    reader.tags();
    if (error !== 0) refused.set(name, error);
    else if (!internal) topics.push({ name, id, partitions: partitions.sort((a, b) => a.partition - b.partition) });
  });
  return { brokers, topics, refused };
}

/** As Kafka prints it: base64 for URLs, without padding. */
export function topicId(bytes: Buffer): string {
  return bytes.toString("base64url");
}

export function topicIdBytes(id: string): Buffer {
  return Buffer.from(id, "base64url");
}
