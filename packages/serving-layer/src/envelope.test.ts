import { FIRST_LOG_VERSION, encodeManifest, manifestPath, readingPath, writeQuietRecord } from "@millrace/core";
import { describe, expect, it } from "vitest";
import { createServing } from "./serving.js";
import { noEngine } from "./testing/no-engine.js";
import { songs, type Play } from "./testing/plays.js";
import { NOON, createWorld, filesIn, signal } from "./testing/world.js";

const MINUTE = 60_000;
const view = songs.definition;
const VERSION = FIRST_LOG_VERSION;
const event = (partition: number, offset: number, minute: number, late = false): Play => ({ partition, offset, ts: NOON + minute * MINUTE, late, song: "s", artist: "a", paid: false, seconds: 1, userId: null });

/** Partition 0 up to minute 10, partition 1 up to minute 20. */
async function twoPartitions() {
  const world = await createWorld(filesIn("/nowhere"), noEngine, 2);
  const events = [event(0, 0, 10), event(0, 1, 3, true), event(1, 0, 20)];
  world.place(events);
  await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 2, sealed: false });
  await world.speed(view, events, { partition: 1, first: 0, previous: 0, until: 1, sealed: false });
  const ask = async (until: number) => (await createServing({ ...world, views: [songs] }).query(songs, { from: NOON, until: NOON + until })).envelope;
  return { world, ask };
}

describe("the envelope", () => {
  it("is final up to the slowest partition's event time, less the lateness", async () => {
    const { ask } = await twoPartitions();
    expect(await ask(9 * MINUTE)).toEqual({
      generation: 0,
      cut: {},
      asOf: [{ topic: "plays", logVersion: VERSION, partition: 0, offset: 2 }, { topic: "plays", logVersion: VERSION, partition: 1, offset: 1 }],
      watermark: NOON + 10 * MINUTE,
      provisional: false,
      complete: true,
      late: 1,
      behind: 0,
      staleMs: 0,
    });
    expect((await ask(9 * MINUTE + 1)).provisional).toBe(true);
  });

  it("does not wait for a partition that ingest knows to be quiet", async () => {
    const { world, ask } = await twoPartitions();
    const quiet = (through: number, until: number) => writeQuietRecord(world.files, { topic: "plays", logVersion: VERSION, partition: 0 }, { through, until }, signal);
    await quiet(NOON + 30 * MINUTE, 2);
    expect(await ask(19 * MINUTE)).toMatchObject({ watermark: NOON + 20 * MINUTE, provisional: false });
    // Of records beyond those that the answer has, the record says nothing.
    await quiet(NOON + 30 * MINUTE, 3);
    expect(await ask(19 * MINUTE)).toMatchObject({ watermark: NOON + 10 * MINUTE, provisional: true });
    await quiet(NOON + 30 * MINUTE, 2);
    world.place([event(0, 2, 11)]);
    expect(await ask(19 * MINUTE)).toMatchObject({ watermark: NOON + 10 * MINUTE, provisional: true, behind: 1, staleMs: null });
  });

  it("does not wait for a partition that never held a record", async () => {
    const world = await createWorld(filesIn("/nowhere"), noEngine, 2);
    const events = [event(0, 0, 10)];
    world.place(events);
    await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 1, sealed: false });
    const { envelope } = await createServing({ ...world, views: [songs] }).query(songs, { from: NOON, until: NOON + MINUTE });
    expect(envelope).toMatchObject({ watermark: NOON + 10 * MINUTE, provisional: false, complete: true });
  });

  it("of an empty topic has nothing to be sure of", async () => {
    const world = await createWorld(filesIn("/nowhere"), noEngine);
    const answer = await createServing({ ...world, views: [songs] }).query(songs, { from: NOON, until: NOON + MINUTE });
    expect(answer).toEqual({
      rows: [],
      envelope: { generation: 0, cut: {}, asOf: [{ topic: "plays", logVersion: VERSION, partition: 0, offset: 0 }], watermark: null, provisional: true, complete: true, late: 0, behind: 0, staleMs: 0 },
    });
  });

  it("knows the event times below the cut from the manifests when no progress row is left", async () => {
    const world = await createWorld(filesIn("/nowhere"), noEngine);
    const events = [event(0, 0, 10), event(0, 1, 12), event(0, 2, 50)];
    world.place(events);
    for (const { offset, ts } of events) {
      const file = { path: "f", bytes: 1, sha256: "", date: "2026-05-20", rows: 1, minEventTime: ts, maxEventTime: ts };
      const manifest = {
        format: 1 as const, topic: "plays", logVersion: VERSION, partition: 0, first: offset, until: offset + 1, previous: offset, sealedBy: "grid" as const, receivedAt: ts, maxAppendedAt: ts,
        records: 1, events: 1, deadLetters: 0, late: 0, files: [file], deadLetterFile: null, coordinates: [], streamFingerprint: "",
      };
      await world.files.putIfAbsent(manifestPath({ topic: "plays", logVersion: VERSION, partition: 0 }, offset), encodeManifest(manifest), signal);
    }
    await world.publish([view], [], { plays: [{ partition: 0, logVersion: VERSION, offset: 2 }] });
    const { envelope } = await createServing({ ...world, views: [songs] }).query(songs, { from: NOON, until: NOON + MINUTE });
    expect(envelope).toMatchObject({ generation: 1, watermark: NOON + 12 * MINUTE, provisional: false, behind: 1 });

    // Another declaration has read earlier times in the same record: what is final by one may not be by the other.
    const again = {
      format: 1 as const, topic: "plays", logVersion: VERSION, partition: 0, first: 1, until: 2, previous: 1, sealedBy: "grid" as const, receivedAt: 0, maxAppendedAt: 0,
      records: 1, events: 1, deadLetters: 0, late: 0, deadLetterFile: null, coordinates: [], streamFingerprint: "other",
      files: [{ path: "g", bytes: 1, sha256: "", date: "2026-05-20", rows: 1, minEventTime: NOON, maxEventTime: NOON + MINUTE / 2 }],
    };
    await world.files.putIfAbsent(readingPath({ topic: "plays", logVersion: VERSION, partition: 0 }, 1, "other"), encodeManifest(again), signal);
    const { envelope: later } = await createServing({ ...world, views: [songs] }).query(songs, { from: NOON, until: NOON + MINUTE });
    expect(later).toMatchObject({ watermark: NOON + MINUTE / 2, provisional: true });
  });
});
