import assert from "node:assert/strict";
import { MillraceError } from "../errors/millrace-error.js";
import type { Sink, SinkBatch } from "../ports/sink.js";
import { declareLaws, needed, rejectsWith, within } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";
import { assertSameRows } from "./row-difference.js";

/** A sink that is to prove itself, with what the laws need to see its destination. */
export interface SinkSubject<R> extends Subject {
  readonly sink: Sink<R>;
  /** The n-th row of the test's making: different for different `n`, equal for equal ones. `large`: a row of about 1 MB. */
  readonly row: (n: number, large?: boolean) => R;
  /** Every row that is in the destination, in any order, read without `sink`. */
  readonly readBack: () => Promise<readonly R[]>;
  /** A new sink on the same destination: what a restarted process has. */
  readonly reopen: () => Promise<Sink<R>>;
  /**
   * From now on the destination `fails` (refuses what it is sent, as one that is down) or `hangs` (takes it and does not
   * answer), until the function that is given back is called. Without it, three laws must be waived.
   */
  readonly disturb?: (how: "fails" | "hangs") => Promise<() => Promise<void>>;
  /** How long one call of the sink may take, ms. Default 10,000. */
  readonly limitMs?: number;
}

const never = new AbortController().signal;
/** Time for a write to reach a destination that hangs, ms. If it has not, the law is about a write that has not begun. */
const UNDER_WAY_MS = 50;

function batch<R>(from: number, rows: readonly R[]): SinkBatch<R> {
  return { id: `topic/v1024-p0/${from}`, topic: "topic", logVersion: 1_024, partition: 0, from, until: from + Math.max(1, rows.length), rows };
}

function rows<R>({ row }: SinkSubject<R>, from: number, count: number): R[] {
  return Array.from({ length: count }, (_, i) => row(from + i));
}

async function holds<R>(subject: SinkSubject<R>, expected: readonly R[], when: string): Promise<void> {
  assertSameRows(await subject.readBack(), expected, when);
}

/** The subject with a time limit on every call: a law about a sink that hangs must say so, and not run out of the runner's time. */
function limited<R>(subject: SinkSubject<R>): SinkSubject<R> {
  const { limitMs = 10_000 } = subject;
  const limit = (sink: Sink<R>): Sink<R> => ({
    name: sink.name,
    write: (each, signal) => within(limitMs, `writing batch "${each.id}" (${each.rows.length} rows) to sink "${sink.name}"`, sink.write(each, signal)),
    close: () => within(limitMs, `closing sink "${sink.name}"`, sink.close()),
  });
  return {
    ...subject,
    sink: limit(subject.sink),
    reopen: async () => limit(await within(limitMs, `opening the sink again`, subject.reopen())),
  };
}

/** What a write to a disturbed destination failed with. */
async function failure<R>(subject: SinkSubject<R>, of: SinkBatch<R>): Promise<unknown> {
  const mend = await needed(subject.disturb, "disturb")("fails");
  try {
    await subject.sink.write(of, never);
  } catch (error) {
    return error;
  } finally {
    await mend();
  }
  const kept = (await subject.readBack()).length;
  assert.fail(`write resolved although the destination refused the batch, which has ${of.rows.length} rows; the destination holds ${kept}`);
}

function laws<R>(): readonly Law<SinkSubject<R>>[] {
  const law = (id: string, says: string, advice: string, prove: (subject: SinkSubject<R>) => Promise<void>): Law<SinkSubject<R>> => ({
    id,
    says,
    advice,
    prove: (subject) => prove(limited(subject)),
  });
  return [
    law(
      "keeps-every-row",
      "every row of every batch is in the destination when write resolves",
      "await what sends the rows, the last buffer and its acknowledgement included, before write resolves; do not leave rows for close or for a timer",
      async (subject) => {
        await subject.sink.write(batch(0, rows(subject, 0, 3)), never);
        await holds(subject, rows(subject, 0, 3), "after write resolved");
        await subject.sink.write(batch(3, rows(subject, 3, 50)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 53), "after close");
      },
    ),
    law(
      "one-copy-after-replay",
      "a batch that is written again leaves one copy, also by another process, and whatever was written between",
      "keep batch.id with the rows, in one step with them, and let a repeat change nothing: a unique key, a file named after it, an idempotency key; what this process remembers in memory does not survive it",
      async (subject) => {
        const [first, second] = [batch(0, rows(subject, 0, 4)), batch(4, rows(subject, 4, 4))];
        await subject.sink.write(first, never);
        await subject.sink.write(first, never);
        await holds(subject, rows(subject, 0, 4), "after the same batch was written twice");
        await subject.sink.write(second, never);
        await subject.sink.write(first, never);
        await holds(subject, rows(subject, 0, 8), "after an older batch was written again");
        await subject.sink.close();
        const restarted = await subject.reopen();
        await restarted.write(first, never);
        await restarted.write(second, never);
        await restarted.close();
        await holds(subject, rows(subject, 0, 8), "after another process wrote both batches again");
      },
    ),
    law(
      "partitions-apart",
      "batches of different topics, partitions and log versions with equal offsets do not replace each other",
      "tell batches apart by the whole of batch.id, not by offsets or by topic and offset alone",
      async (subject) => {
        const base = batch(0, rows(subject, 0, 1));
        await subject.sink.write(base, never);
        await subject.sink.write({ ...base, id: "topic/v1024-p1/0", partition: 1, rows: rows(subject, 1, 1) }, never);
        await subject.sink.write({ ...base, id: "topic/v1025-p0/0", logVersion: 1_025, rows: rows(subject, 2, 1) }, never);
        await subject.sink.write({ ...base, id: "other/v1024-p0/0", topic: "other", rows: rows(subject, 3, 1) }, never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 4), "after four batches of one row each, all at offset 0");
      },
    ),
    law(
      "empty-batch",
      "a batch without rows is written without an error and adds nothing",
      "return before anything is sent when batch.rows is empty",
      async (subject) => {
        await subject.sink.write(batch(0, []), never);
        await subject.sink.write(batch(1, rows(subject, 0, 1)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 1), "after an empty batch and one with a row");
      },
    ),
    law("large-row", "a row of 1 MB is kept whole", "raise the destination's limit, or refuse such a row with an error; never cut it", async (subject) => {
      await subject.sink.write(batch(0, [subject.row(0, true), subject.row(1)]), never);
      await subject.sink.close();
      await holds(subject, [subject.row(0, true), subject.row(1)], "after a large row and a small one");
    }),
    law(
      "aborts",
      "an aborted write fails with the signal's reason, and written again it leaves one copy",
      "begin write with signal.throwIfAborted()",
      async (subject) => {
        const reason = new Error("enough");
        await rejectsFor(subject.sink.write(batch(0, rows(subject, 0, 2)), AbortSignal.abort(reason)), reason, "a write whose signal was aborted before");
        await subject.sink.write(batch(0, rows(subject, 0, 2)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 2), "after an aborted write and its repetition");
      },
    ),
    law(
      "aborts-under-way",
      "a write that waits for the destination ends soon after its signal aborts, with the signal's reason, and written again it leaves one copy",
      "hand the signal to every call that waits (fetch takes it), or end the connection when it aborts",
      async (subject) => {
        const mend = await needed(subject.disturb, "disturb")("hangs");
        const stop = new AbortController();
        const reason = new Error("enough");
        const timer = setTimeout(() => stop.abort(reason), UNDER_WAY_MS);
        try {
          await rejectsFor(subject.sink.write(batch(0, rows(subject, 0, 2)), stop.signal), reason, "a write that was aborted while the destination did not answer");
        } finally {
          clearTimeout(timer);
          await mend();
        }
        await subject.sink.write(batch(0, rows(subject, 0, 2)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 2), "after a write that was aborted under way and its repetition");
      },
    ),
    law(
      "reports-failure",
      "a write that the destination refuses fails, and written again it leaves one copy",
      "let the error pass, or throw a SinkWriteError with it as the cause: a write that resolves has promised every row, and nobody will write them again",
      async (subject) => {
        await failure(subject, batch(0, rows(subject, 0, 3)));
        await subject.sink.write(batch(0, rows(subject, 0, 3)), never);
        await subject.sink.close();
        await holds(subject, rows(subject, 0, 3), "after a refused write and its repetition");
      },
    ),
    law(
      "failure-is-retryable",
      "what a destination that is down makes write fail with says that it may be retried",
      "throw new SinkWriteError(name, batch, why, { retryable: true, cause }) for what may pass: delivery repeats that and nothing else, any other error stops the speed layer",
      async (subject) => {
        const error = await failure(subject, batch(0, rows(subject, 0, 1)));
        assert.ok(error instanceof MillraceError && error.retryable, `write failed with ${nameOf(error)}, which is ${error instanceof MillraceError ? "a MillraceError that says retryable: false" : "no MillraceError"}`);
        await subject.sink.close();
      },
    ),
    law(
      "closes",
      "close ends soon, may be called twice, and a write after it fails with ClosedError",
      'let close release what is open and not wait for more rows, keep a flag that it was called, and begin write with: if (closed) throw new ClosedError(name, "writing to sink")',
      async (subject) => {
        await subject.sink.write(batch(0, rows(subject, 0, 1)), never);
        await subject.sink.close();
        await subject.sink.close();
        await rejectsWith(subject.sink.write(batch(1, rows(subject, 1, 1)), never), "ClosedError", "writing after close");
        await holds(subject, rows(subject, 0, 1), "after a write that came after close");
      },
    ),
  ];
}

async function rejectsFor(write: Promise<void>, reason: Error, doing: string): Promise<void> {
  let error: unknown;
  try {
    await write;
  } catch (caught) {
    error = caught;
  }
  assert.ok(error !== undefined, `${doing} must fail with the signal's reason, but resolved`);
  // A client of the destination may wrap it.
  assert.ok(error === reason || (error instanceof Error && (error.cause === reason || error.message.includes(reason.message))), `${doing} must fail with the signal's reason, ${nameOf(reason)}, but failed with ${nameOf(error)}`);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name} "${error.message}"` : `${typeof error} ${String(error)}`;
}

/**
 * Proves a {@link Sink}. `create` is called once a law and gives one with an empty destination.
 *
 * @example
 * sinkConformance(it, async () => {
 *   const sink = memorySink<{ n: number }>();
 *   return { sink, row: (n) => ({ n }), readBack: async () => sink.rows, reopen: async () => sink };
 * });
 */
export function sinkConformance<R>(it: It, create: () => Promise<SinkSubject<R>>, waivers: Waivers = {}): void {
  declareLaws("sink", it, laws<R>(), create, waivers);
}
