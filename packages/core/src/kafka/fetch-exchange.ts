import { brokerRefusal } from "./classify-error.js";
import type { FetchRequest, Fetched } from "./kafka-client.js";
import type { Api } from "./kafkajs-connection.js";
import { topicIdBytes } from "./metadata-exchange.js";
import { decodeRecordSet } from "./record-set.js";
import type { AbortedTransaction, Decompress } from "./record-set.js";
import { WireReader } from "./wire-reader.js";
import { WireWriter } from "./wire-writer.js";

/**
 * Version 13 is the first that asks by topic id, so that a topic that was re-created can never answer for the old one.
 * kafkajs stops at 11.
 */
export const FETCH: Api = { key: 1, name: "Fetch", version: 13 };

const READ_COMMITTED = 1;
const OFFSET_OUT_OF_RANGE = 1;
/** The broker does not lead the partition, or not in this incarnation or epoch. */
const MOVED: ReadonlySet<number> = new Set([3, 5, 6, 9, 56, 74, 75, 78, 100, 103]);

export function encodeFetchRequest({ topic, partition, offset, epoch, maxBytes, maxWaitMs }: FetchRequest, leaderEpoch: number): Buffer {
  const request = new WireWriter().noTags();
  request.int32(-1).int32(maxWaitMs).int32(1).int32(maxBytes).int8(READ_COMMITTED).int32(0).int32(-1);
  request.compactArray([topic], () => {
    request.raw(topicIdBytes(topic.id));
    request.compactArray([partition], () => request.int32(partition).int32(leaderEpoch).int64(offset).int32(epoch).int64(-1).int32(maxBytes).noTags());
    request.noTags();
  });
  return request.compactArray([], () => {}).compactString("").noTags().bytes();
}

export async function decodeFetched(payload: Buffer, request: FetchRequest, doing: string, decompress: Decompress): Promise<Fetched> {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  const error = reader.int16();
  reader.int32();
  if (error !== 0) return refused(error, doing);
  let answer: (() => Promise<Fetched>) | undefined;
  reader.compactArray(() => {
    reader.uuid();
    reader.compactArray(() => {
      reader.int32();
      const code = reader.int16();
      reader.int64();
      const end = reader.int64();
      reader.int64();
      const aborted = reader.compactArray((): AbortedTransaction => {
        const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
        reader.tags();
        return transaction;
      });
      reader.int32();
      const length = Math.max(0, reader.unsigned() - 1);
      const bytes = reader.bytes.subarray(reader.at, (reader.at += length));
      let diverged: number | undefined;
      reader.tags((tag) => {
        if (tag !== 0) return;
        reader.int32();
        diverged = reader.int64();
      });
      if (code !== 0) answer = async () => refused(code, doing);
      else if (diverged !== undefined) answer = async () => ({ kind: "diverged", end: diverged! });
      else answer = () => decodeRecordSet({ bytes, aborted: aborted.sort((a, b) => a.firstOffset - b.firstOffset), from: request.offset, end, epoch: request.epoch }, decompress);
    });
    reader.tags();
  });
  return answer === undefined ? { kind: "moved" } : answer();
}

function refused(code: number, doing: string): Fetched {
  if (code === OFFSET_OUT_OF_RANGE) return { kind: "out-of-range" };
  if (MOVED.has(code)) return { kind: "moved" };
  throw brokerRefusal(doing, code);
}
