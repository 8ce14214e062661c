import { describe, expect, it } from "vitest";
import { playOf, songs } from "../testing/plays.js";
import { START_MS, TOPIC, served, speedWorld, truth } from "../testing/speed-world.js";
import type { SpeedWorld } from "../testing/speed-world.js";

const never = new AbortController().signal;

function append({ log }: SpeedWorld, count: number, partition = 0, at = START_MS): void {
  for (let i = 0; i < count; i++) {
    const { length } = log.records(TOPIC, partition);
    log.place(TOPIC, partition, [{ appendedAt: at, value: playOf({ at, user: length % 3, song: `s${length % 4}`, seconds: length }) }]);
  }
}

async function segmentsOf({ store }: SpeedWorld): Promise<readonly string[]> {
  const rows = await store.readProgress(songs.definition.fingerprint, TOPIC, never);
  return rows.map(({ segment, until, sealed }) => `${segment.first}${segment.end === undefined ? "" : `~${segment.end}`}..${until}${sealed ? " sealed" : ""}`).sort();
}

describe("a worker", () => {
  it("reads again from the cut when a generation ends where its own segment does not", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 13);
    const worker = world.start("w");
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..12 sealed", "12..13"]);

    expect(await world.batch.commit(0, { quiet: true, hidden: 3 })).toBe(true);
    await world.batch.publish({ 0: 10 });
    await world.catchUp(worker);

    expect(await segmentsOf(world)).toEqual(["0..12 sealed", "10..12 sealed", "12..13"]);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("reads again from an older cut after a rollback", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 30);
    for (let i = 0; i < 2; i++) await world.batch.commit(0);
    await world.batch.publish({ 0: 24 });
    const worker = world.start("w");
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["24..30"]);

    await world.batch.publish({ 0: 12 });
    await world.catchUp(worker);

    expect(await segmentsOf(world)).toEqual(["12..24 sealed", "24..30"]);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });
});
