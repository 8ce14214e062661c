import type { RawBatch } from "@millrace/core";
import { Kafka, logLevel, type Message } from "kafkajs";
import { MinuteMaps } from "../decode-fold/minute-maps.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { PARTITIONS } from "../listen-events/listen-events.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";

export interface ReadKafkajsParams {
  readonly brokers: readonly string[];
  readonly events: number;
  readonly rounds: number;
  /** `drain` counts bytes, `fold` has `JSON.parse` and maps in memory. */
  readonly what: "drain" | "fold";
}

/** The baselines: kafkajs as its documentation has it, in batches. Nothing is durable. */
export async function readKafkajs({ brokers, events, rounds, what }: ReadKafkajsParams) {
  // It reports what it then tries again, such as a coordinator that is still loading; what it gives up rejects below.
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const memory = watchMemory();
  const measured: Taken[] = [];
  let maps = new MinuteMaps();
  for (let round = 0; round < rounds; round++) {
    maps = new MinuteMaps();
    const consumer = kafka.consumer({ groupId: `bench-${what}-${process.pid}-${round}`, maxWaitTimeInMs: 200 });
    await consumer.connect();
    await consumer.subscribe({ topic: LISTEN_EVENTS, fromBeginning: true });
    let read = 0;
    let bytes = 0;
    const { wallMs, cpuMs } = await measureRun(
      () =>
        new Promise<void>((resolve, reject) => {
          consumer.on("consumer.crash", ({ payload }) => payload.restart || reject(payload.error));
          void consumer.run({
            autoCommit: false,
            partitionsConsumedConcurrently: PARTITIONS,
            eachBatch: ({ batch: { messages } }) => {
              if (what === "fold") maps.add(rawBatch(messages));
              else for (const { value } of messages) bytes += value!.length;
              read += messages.length;
              if (read >= events) resolve();
              return Promise.resolve();
            },
          });
        }),
    );
    await consumer.disconnect();
    if (what === "drain" && bytes === 0) throw new Error("reading the topic: there was nothing in it");
    measured.push({ wallMs, cpuMs });
  }
  return { rounds: measured, ...memory(), totals: maps.totals() };
}

/** What the maps take. Each value is a view of one fetch, so that nothing is copied but into it. */
function rawBatch(messages: readonly Message[]): RawBatch {
  const values = messages.map(({ value }) => value as Buffer);
  const valueStart = new Uint32Array(values.length);
  const valueEnd = new Uint32Array(values.length);
  let at = 0;
  values.forEach((value, i) => {
    valueStart[i] = at;
    valueEnd[i] = at += value.length;
  });
  return { data: Buffer.concat(values, at), length: values.length, valueStart, valueEnd } as unknown as RawBatch;
}
