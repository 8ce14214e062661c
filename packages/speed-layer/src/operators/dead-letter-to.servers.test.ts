import { expect, inject, it } from "vitest";
import { defineStream, int64, timestamp } from "@millrace/core";
import type { DeadLetter, EventLog } from "@millrace/core";
import { kafkaLog, kafkaSink } from "@millrace/core/kafka";
import { consume } from "../consume/consume.js";
import { deadLetterTo } from "./dead-letter-to.js";
import { slowestOf } from "./slowest-of.js";

const never = new AbortController().signal;
const brokers = [inject("kafka").bootstrap];
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

interface Copy {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function copies(log: EventLog, topic: string): Promise<Copy[]> {
  const { end } = (await log.describe(topic, never)).partitions[0]!;
  const found: Copy[] = [];
  for await (const { length, data, valueStart, valueEnd, headers, position } of log.read({ topic, partition: 0, from: 0 }, never)) {
    for (let i = 0; i < length; i++) {
      found.push({ value: text(data.subarray(valueStart[i], valueEnd[i])), headers: Object.fromEntries(Object.entries(headers![i]!).map(([name, bytes]) => [name, text(bytes)])) });
    }
    if (position >= end) break;
  }
  return found;
}

it("keeps dead letters in topics of Kafka: at least once in one of a log, once in one of a sink", async () => {
  const prefix = `dead-${process.pid}-${Date.now().toString(36)}`;
  const log = kafkaLog({ brokers });
  const [topic, appended, sunk] = [`${prefix}-plays`, `${prefix}-appended`, `${prefix}-sunk`];
  for (const each of [topic, appended, sunk]) await log.createTopic(each, { partitions: 1 }, never);
  const stream = defineStream({ topic, columns: { at: timestamp("ms"), user: int64() }, eventTime: "at" });
  await log.append(topic, [{ value: "{" }, { value: `{"at":${Date.now()},"user":1}` }, { value: `{"at":${Date.now()}}` }], never);

  // Twice from the first record, as after a crash.
  for (let run = 1; run <= 2; run++) {
    const sink = kafkaSink<DeadLetter>({
      brokers,
      topic: sunk,
      name: prefix,
      key: ({ key }) => key,
      value: ({ value }) => value ?? "",
      headers: ({ offset, reason }) => ({ "millrace-offset": new TextEncoder().encode(String(offset)), "millrace-reason": new TextEncoder().encode(reason) }),
    });
    let until = 0;
    const subscription = consume(log, stream, {}, (batches) => batches.pipe(slowestOf(deadLetterTo({ log, topic: appended }), deadLetterTo(sink)))).subscribe((progress) => {
      until = progress.until;
    });
    // A sink batch is complete when a record of a later second is there.
    await expect.poll(async () => {
      await log.append(topic, [{ value: `{"at":${Date.now()},"user":2}` }], never);
      return until;
    }, { interval: 300 }).toBeGreaterThanOrEqual(3);
    subscription.unsubscribe();
    await sink.close();
    expect((await copies(log, appended)).map(({ value, headers }) => [value.slice(0, 6), headers["millrace-offset"], headers["millrace-reason"]])).toEqual(
      Array.from({ length: run }, () => [["{", "0", "undecodable"], ['{"at":', "2", "missing"]]).flat(),
    );
    expect((await copies(log, sunk)).map(({ value, headers }) => [value.slice(0, 6), headers["millrace-offset"], headers["millrace-reason"], headers["millrace-index"]])).toEqual([
      ["{", "0", "undecodable", "0"],
      ['{"at":', "2", "missing", "1"],
    ]);
  }
  await log.close();
});
