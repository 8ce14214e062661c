import { brokerRefusal } from "./classify-error.js";
import type { Api } from "./kafkajs-connection.js";
import { WireReader } from "./wire-reader.js";
import { WireWriter } from "./wire-writer.js";

export const DESCRIBE_CONFIGS: Api = { key: 32, name: "DescribeConfigs", version: 4 };

const TOPIC = 2;

/** For all settings of a topic, those that it has from the brokers included. */
export function encodeDescribeConfigsRequest(topic: string): Buffer {
  const request = new WireWriter().noTags();
  request.compactArray([topic], () => request.int8(TOPIC).compactString(topic).unsigned(0).noTags());
  return request.int8(0).int8(0).noTags().bytes();
}

export function decodeConfigs(payload: Buffer, doing: string): ReadonlyMap<string, string> {
  const reader = new WireReader(payload);
  const settings = new Map<string, string>();
  reader.tags();
  reader.int32();
  reader.compactArray(() => {
    const code = reader.int16();
    if (code !== 0) throw brokerRefusal(doing, code);
    reader.compactString();
    reader.int8();
    reader.compactString();
    reader.compactArray(() => {
      const name = reader.compactString() ?? "";
      settings.set(name, reader.compactString() ?? "");
      reader.int8();
      reader.int8();
      reader.int8();
      reader.compactArray(() => {
        reader.compactString();
        reader.compactString();
        reader.int8();
        reader.tags();
      });
      reader.int8();
      reader.compactString();
      reader.tags();
    });
    reader.tags();
  });
  return settings;
}
