import { brokerRefusal } from "./classify-error.js";
import type { Api } from "./kafkajs-connection.js";
import { WireReader } from "./wire-reader.js";
import { WireWriter } from "./wire-writer.js";

export const PRODUCE: Api = { key: 0, name: "Produce", version: 9 };
export const INIT_PRODUCER_ID: Api = { key: 22, name: "InitProducerId", version: 2 };

const ALL_IN_SYNC = -1;

export function encodeProduceRequest(topic: string, partition: number, batch: Buffer, timeoutMs: number): Buffer {
  const request = new WireWriter().noTags().compactString(null).int16(ALL_IN_SYNC).int32(timeoutMs);
  request.compactArray([topic], () => {
    request.compactString(topic);
    request.compactArray([partition], () => request.int32(partition).unsigned(batch.length + 1).raw(batch).noTags());
    request.noTags();
  });
  return request.noTags().bytes();
}

/**
 * The offset of the batch's first record.
 *
 * @throws {KafkaError} what the broker refused it for.
 */
export function decodeProduced(payload: Buffer, doing: string): number {
  const reader = new WireReader(payload);
  reader.tags();
  let offset = -1;
  reader.compactArray(() => {
    reader.compactString();
    reader.compactArray(() => {
      reader.int32();
      const code = reader.int16();
      if (code !== 0) throw brokerRefusal(doing, code);
      offset = reader.int64();
      reader.int64();
      reader.int64();
      reader.compactArray(() => {
        reader.int32();
        reader.compactString();
        reader.tags();
      });
      reader.compactString();
      reader.tags();
    });
    reader.tags();
  });
  return offset;
}

/** For a producer without transactions. */
export function encodeInitProducerIdRequest(): Buffer {
  return new WireWriter().noTags().compactString(null).int32(60_000).noTags().bytes();
}

export function decodeProducerId(payload: Buffer, doing: string): { readonly producerId: number; readonly producerEpoch: number } {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  const code = reader.int16();
  if (code !== 0) throw brokerRefusal(doing, code);
  return { producerId: reader.int64(), producerEpoch: reader.int16() };
}
