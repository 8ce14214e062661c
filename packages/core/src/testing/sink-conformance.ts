import assert from "node:assert/strict";
import type { Sink, SinkBatch } from "../ports/sink.js";
import { declareLaws, rejectsWith } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

export interface SinkSubject<R> extends Subject {
  readonly sink: Sink<R>;
  /** The n-th row of the test's making: different for different `n`, equal for equal ones. `large`: a row of about 1 MB. */
  readonly row: (n: number, large?: boolean) => R;
  /** Every row that is in the destination, in any order, read without `sink`. */
  readonly readBack: () => Promise<readonly R[]>;
  /** A new sink on the same destination: what a restarted process has. */
  readonly reopen: () => Promise<Sink<R>>;
}

const never = new AbortController().signal;

function batch<R>(from: number, rows: readonly R[]): SinkBatch<R> {
  return { id: `topic/v1024-p0/${from}`, topic: "topic", logVersion: 1_024, partition: 0, from, until: from + Math.max(1, rows.length), rows };
}

function rows<R>({ row }: SinkSubject<R>, from: number, count: number): R[] {
  return Array.from({ length: count }, (_, i) => row(from + i));
}

async function holds<R>(subject: SinkSubject<R>, expected: readonly R[], message: string): Promise<void> {
  const order = (all: readonly R[]): R[] => [...all].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  assert.deepEqual(order(await subject.readBack()), order(expected), message);
}

function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

function laws<R>(): readonly Law<SinkSubject<R>>[] {
  return [
    {
      id: "keeps-every-row",
      says: "every row of every batch is in the destination when write resolves",
      async prove(subject) {
        await subject.sink.write(batch(0, rows(subject, 0, 3)), never);
        await holds(subject, rows(subject, 0, 3), "rows are missing after write resolved");
        await subject.sink.write(batch(3, rows(subject, 3, 50)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 53), "rows are missing after close");
      },
    },
    {
      id: "one-copy-after-replay",
      says: "a batch that is written again leaves one copy, also by another process, and whatever was written between",
      async prove(subject) {
        const [first, second] = [batch(0, rows(subject, 0, 4)), batch(4, rows(subject, 4, 4))];
        await subject.sink.write(first, never);
        await subject.sink.write(first, never);
        await subject.sink.write(second, never);
        await subject.sink.write(first, never);
        await subject.sink.close();
        const restarted = await subject.reopen();
        await restarted.write(first, never);
        await restarted.write(second, never);
        await restarted.close();
        await holds(subject, rows(subject, 0, 8), "a replay left more than one copy");
      },
    },
    {
      id: "partitions-apart",
      says: "batches of different topics, partitions and log versions with equal offsets do not replace each other",
      async prove(subject) {
        const base = batch(0, rows(subject, 0, 1));
        await subject.sink.write(base, never);
        await subject.sink.write({ ...base, id: "topic/v1024-p1/0", partition: 1, rows: rows(subject, 1, 1) }, never);
        await subject.sink.write({ ...base, id: "topic/v1025-p0/0", logVersion: 1_025, rows: rows(subject, 2, 1) }, never);
        await subject.sink.write({ ...base, id: "other/v1024-p0/0", topic: "other", rows: rows(subject, 3, 1) }, never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 4), "batches were mixed up");
      },
    },
    {
      id: "empty-batch",
      says: "a batch without rows is written without an error and adds nothing",
      async prove(subject) {
        await subject.sink.write(batch(0, []), never);
        await subject.sink.write(batch(1, rows(subject, 0, 1)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 1), "an empty batch added rows");
      },
    },
    {
      id: "large-row",
      says: "a row of 1 MB is kept whole",
      async prove(subject) {
        await subject.sink.write(batch(0, [subject.row(0, true), subject.row(1)]), never);
        await subject.sink.close();
        await holds(subject, [subject.row(0, true), subject.row(1)], "a large row was changed");
      },
    },
    {
      id: "aborts",
      says: "an aborted write fails with the signal's reason, and written again it leaves one copy",
      async prove(subject) {
        await assert.rejects(subject.sink.write(batch(0, rows(subject, 0, 2)), AbortSignal.abort(new Error("enough"))), /enough/);
        await subject.sink.write(batch(0, rows(subject, 0, 2)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 2), "a write after an aborted one left other rows");
      },
    },
    {
      id: "closes",
      says: "close may be called twice, and a write after it fails",
      async prove(subject) {
        await subject.sink.write(batch(0, rows(subject, 0, 1)), never);
        await subject.sink.close();
        await subject.sink.close();
        await rejectsWith(subject.sink.write(batch(1, rows(subject, 1, 1)), never), "ClosedError", "writing after close");
        await holds(subject, rows(subject, 0, 1), "a refused write left rows");
      },
    },
  ];
}

/** Proves a {@link Sink}. `create` is called once a law and gives one with an empty destination. */
export function sinkConformance<R>(it: It, create: () => Promise<SinkSubject<R>>, waivers: Waivers = {}): void {
  declareLaws("sink", it, laws<R>(), create, waivers);
}
