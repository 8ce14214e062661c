import { brokerRefusal } from "./classify-error.js";
import type { Api } from "./kafkajs-connection.js";
import { WireReader } from "./wire-reader.js";
import { WireWriter } from "./wire-writer.js";

export const LIST_OFFSETS: Api = { key: 2, name: "ListOffsets", version: 6 };

/** In place of an instant: the first offset that is there. */
export const EARLIEST = -2;
/** In place of an instant: the offset after the last record that no open transaction can take back. */
export const LATEST = -1;

const READ_COMMITTED = 1;

/** `instant`: epoch ms, or one of the two above. */
export function encodeListOffsetsRequest(topic: string, partition: number, leaderEpoch: number, instant: number): Buffer {
  const request = new WireWriter().noTags().int32(-1).int8(READ_COMMITTED);
  request.compactArray([topic], () => {
    request.compactString(topic);
    request.compactArray([partition], () => request.int32(partition).int32(leaderEpoch).int64(instant).noTags());
    request.noTags();
  });
  return request.noTags().bytes();
}

/** The offset, or -1 when there is none. */
export function decodeListOffsets(payload: Buffer, doing: string): number {
  const reader = new WireReader(payload);
  reader.tags();
  reader.int32();
  let offset = -1;
  reader.compactArray(() => {
    reader.compactString();
    reader.compactArray(() => {
      reader.int32();
      const code = reader.int16();
      if (code !== 0) throw brokerRefusal(doing, code);
      reader.int64();
      offset = reader.int64();
      reader.int32();
      reader.tags();
    });
    reader.tags();
  });
  return offset;
}
