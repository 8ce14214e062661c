import { UnknownTopicError, type EventLog, type NewRecord } from "@millrace/core";
import type { Command } from "commander";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createMissingTopics } from "../../lambda/create-missing-topics.js";
import { withLambda } from "../cli-context.js";
import { parseCount } from "../parse-option.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";

const APPEND_RECORDS = 1_000;

/** `log dump` and `log append`: the log as lines of text. */
export function addLogCommands(program: Command): void {
  const log = program.command("log").description("read and write the log as lines of text");

  log
    .command("dump")
    .description('print one JSON object a record: {"partition","offset","appendedAt","value"}, appendedAt in epoch ms, the value as its original text')
    .requiredOption("--topic <topic>", "topic to read")
    .option("--partition <n>", "only this partition", parseCount)
    .option("--from <offset>", "first offset", parseCount)
    .option("--limit <n>", "records of a partition at most", parseCount)
    .option("--json", "the same: the output is JSON lines")
    .action((flags: { readonly topic: string; readonly partition?: number; readonly from?: number; readonly limit?: number }, command: Command) =>
      withLambda(command, async ({ platform }) => dump(platform.log, flags, stopSignal())),
    );

  log
    .command("append")
    .description("append the lines of standard input, one record a line")
    .requiredOption("--topic <topic>", "topic to append to")
    .option("--partition <n>", "to this partition; default: round robin", parseCount)
    .option("--create <partitions>", "create the topic with this many partitions where there is none; default: the platform's, if it creates topics", parseCount)
    .option("--json", "print the result as JSON")
    .action((flags: { readonly topic: string; readonly partition?: number; readonly create?: number; readonly json?: true }, command: Command) =>
      withLambda(command, async ({ platform }) => {
        const signal = stopSignal();
        if (flags.create === undefined) await createMissingTopics(platform, [flags.topic], signal);
        const appended = await append(platform.log, flags, signal);
        printLine(flags.json ? toJson({ topic: flags.topic, appended }) : `appended ${appended.toLocaleString("en-US")} records to ${flags.topic}`);
      }),
    );
}

async function dump(log: EventLog, flags: { readonly topic: string; readonly partition?: number; readonly from?: number; readonly limit?: number }, signal: AbortSignal): Promise<void> {
  const { partitions } = await log.describe(flags.topic, signal);
  const text = new TextDecoder();
  for (const { partition, start, end } of partitions) {
    if (flags.partition !== undefined && flags.partition !== partition) continue;
    const from = Math.max(start, flags.from ?? start);
    let left = flags.limit ?? Infinity;
    if (from >= end || left === 0) continue;
    reading: for await (const batch of log.read({ topic: flags.topic, partition, from }, signal)) {
      let lines = "";
      for (let i = 0; i < batch.length; i++) {
        const offset = batch.offsets[i]!;
        if (offset >= end || left-- <= 0) break;
        const valueStart = batch.valueStart[i]!;
        const value = valueStart < 0 ? null : text.decode(batch.data.subarray(valueStart, batch.valueEnd[i]));
        lines += `${JSON.stringify({ partition, offset, appendedAt: batch.appendedAt[i]!, value })}\n`;
      }
      if (!process.stdout.write(lines)) await once(process.stdout, "drain");
      if (batch.position >= end || left <= 0) break reading;
    }
  }
}

async function append(log: EventLog, flags: { readonly topic: string; readonly partition?: number; readonly create?: number }, signal: AbortSignal): Promise<number> {
  if (flags.create !== undefined) await log.createTopic(flags.topic, { partitions: flags.create }, signal);
  const { partitions } = await log.describe(flags.topic, signal);
  if (flags.partition !== undefined && !partitions.some(({ partition }) => partition === flags.partition)) throw new UnknownTopicError(log.name, flags.topic, flags.partition);
  let waiting: NewRecord[] = [];
  let appended = 0;
  const write = async () => {
    await log.append(flags.topic, waiting, signal);
    appended += waiting.length;
    waiting = [];
  };
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line === "") continue;
    waiting.push(flags.partition === undefined ? { value: line } : { partition: flags.partition, value: line });
    if (waiting.length >= APPEND_RECORDS) await write();
  }
  if (waiting.length > 0) await write();
  return appended;
}
