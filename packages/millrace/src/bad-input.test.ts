import { count, defineStream, defineView, EVERY_MS, int64, sum, text, timestamp, type AnyView } from "@millrace/core";
import { simulatedClock } from "@millrace/core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findDeadLetters } from "./dead-letters/find-dead-letters.js";
import { replayDeadLetters } from "./dead-letters/replay-dead-letters.js";
import { embedded } from "./embedded/embedded.js";
import { createLambda } from "./lambda/create-lambda.js";
import type { Lambda } from "./lambda/lambda.js";

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const { signal } = new AbortController();

const columns = { at: timestamp("ms"), key: text().optional(), n: int64() };
const events = defineStream({ topic: "events", columns, eventTime: "at" });
const perKey = defineView({ name: "per_key", from: events, by: ["key"], every: "minute", measures: (c) => ({ events: count(), total: sum(c.n) }) });

async function open() {
  const dir = await mkdtemp(path.join(tmpdir(), "millrace-bad-input-"));
  const clock = simulatedClock(NOW_MS);
  const lambda = createLambda({ views: [perKey], platform: embedded(dir, { clock, newTopicPartitions: 1 }), grid: { segmentOffsets: 1_000, segmentMs: 60_000 }, sealGuardMs: 1_000, flushMinMs: 0 });
  onTestFinished(async () => {
    await lambda.close();
    await rm(dir, { recursive: true, force: true });
  });
  return { lambda, clock };
}

/** Speed layer up to the end of the log, then everything sealed, ingested and in a generation. */
async function runLayers(lambda: Lambda<AnyView>, clock: ReturnType<typeof simulatedClock>) {
  const stop = new AbortController();
  const speed = lambda.speed({ signal: stop.signal });
  await lambda.layers.speed().caughtUp(signal);
  stop.abort();
  await speed;
  return async () => {
    await clock.advance(2 * EVERY_MS.minute);
    await lambda.layers.ingest().drain(signal);
    await lambda.batch.run();
  };
}

const range = { from: new Date(NOW_MS - 86_400_000), until: new Date(NOW_MS + 2 * 86_400_000), granularity: "all" as const, orderBy: "key asc" as const };

const good = (key: string | null, n: number) => JSON.stringify({ at: NOW_MS, key, n });

it("turns every record that is no event into a dead letter with its reason, and counts the rest, in both layers", { timeout: 60_000 }, async () => {
  const { lambda, clock } = await open();
  const YEAR_MS = 365 * 86_400_000;
  const bad: readonly (readonly [value: string, reason: string, column: string | null])[] = [
    ["{ not JSON", "undecodable", null],
    ['{"at":1}trailing', "undecodable", null],
    ["[]", "wrong-type", null],
    [JSON.stringify({ at: "yesterday", key: "k", n: 1 }), "wrong-type", "at"],
    [JSON.stringify({ at: NOW_MS, key: 7, n: 1 }), "wrong-type", "key"],
    [JSON.stringify({ at: NOW_MS, key: "k", n: 1.5 }), "wrong-type", "n"],
    [JSON.stringify({ key: "k", n: 1 }), "missing", "at"],
    [JSON.stringify({ at: NOW_MS, key: "k" }), "missing", "n"],
    [`{"at":${NOW_MS},"key":"k","n":9007199254740993}`, "out-of-range", "n"],
    [JSON.stringify({ at: NOW_MS + 10 * YEAR_MS, key: "k", n: 1 }), "event-time-out-of-bounds", "at"],
    [JSON.stringify({ at: NOW_MS, key: "x".repeat(100_000), n: 1 }), "too-long", "key"],
    [JSON.stringify({ at: NOW_MS, key: "k", n: 1, padding: "x".repeat(5_000_000) }), "too-large", null],
  ];
  const values = bad.flatMap(([value], i) => [value, good(i % 2 === 0 ? "k" : null, i)]);
  await lambda.append(events, values);
  const toBatch = await runLayers(lambda, clock);
  const expected = [
    { key: null, events: 6, total: 1 + 3 + 5 + 7 + 9 + 11 },
    { key: "k", events: 6, total: 0 + 2 + 4 + 6 + 8 + 10 },
  ];
  const sortedRows = async () => (await lambda.query(perKey, range)).rows.sort((a, b) => (a.key ?? "").localeCompare(b.key ?? ""));
  expect(await sortedRows()).toEqual(expected);
  const letters = async () => {
    const found = [];
    for await (const { offset, reason, column, value } of findDeadLetters(lambda, undefined, signal)) found.push({ offset, reason, column, value: new TextDecoder().decode(value!) });
    return found;
  };
  const expectedLetters = bad.map(([value, reason, column], i) => ({ offset: 2 * i, reason, column, value }));
  expect((await letters()).map(({ column: _, ...rest }) => rest)).toEqual(expectedLetters.map(({ column: _, ...rest }) => rest));
  await toBatch();
  expect((await lambda.query(perKey, range)).envelope).toMatchObject({ generation: 1, complete: true });
  expect(await sortedRows()).toEqual(expected);
  expect(await letters()).toEqual(expectedLetters);
});

it("replays dead letters that have become events, each once", { timeout: 60_000 }, async () => {
  const { lambda, clock } = await open();
  const DAY_MS = 86_400_000;
  // A device whose clock is three days ahead: beyond the bound today, within it three days later.
  await lambda.append(events, [good("k", 1), JSON.stringify({ at: NOW_MS + 3 * DAY_MS, key: "k", n: 2 }), "junk", good("k", 4)]);
  const toBatch = await runLayers(lambda, clock);
  expect(await replayDeadLetters(lambda, {}, signal)).toEqual({ appended: 0, alreadyReplayed: 0, stillUndecodable: 2 });
  await clock.advance(3 * DAY_MS);
  expect(await replayDeadLetters(lambda, { dryRun: true }, signal)).toEqual({ appended: 1, alreadyReplayed: 0, stillUndecodable: 1 });
  expect(await replayDeadLetters(lambda, {}, signal)).toEqual({ appended: 1, alreadyReplayed: 0, stillUndecodable: 1 });
  expect(await replayDeadLetters(lambda, {}, signal)).toEqual({ appended: 0, alreadyReplayed: 1, stillUndecodable: 1 });
  await toBatch();
  const answer = await lambda.query(perKey, { ...range, until: new Date(NOW_MS + 5 * DAY_MS) });
  expect(answer.rows).toEqual([{ key: "k", events: 3, total: 7 }]);
});

it("answers an empty topic with no rows", async () => {
  const { lambda, clock } = await open();
  await lambda.append(events, []);
  const toBatch = await runLayers(lambda, clock);
  expect((await lambda.query(perKey, range)).rows).toEqual([]);
  await toBatch();
  const answer = await lambda.query(perKey, range);
  expect(answer.rows).toEqual([]);
  expect(answer.envelope.complete).toBe(true);
});
