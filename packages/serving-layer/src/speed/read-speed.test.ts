import { expect, it } from "vitest";
import { createServing } from "../serving.js";
import { noEngine } from "../testing/no-engine.js";
import { songs, type Play } from "../testing/plays.js";
import { DAY_MS, NOON, createWorld, filesIn } from "../testing/world.js";

const events = Array.from({ length: 12 }, (_, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 60_000, late: false, song: "s", artist: i % 2 === 0 ? "a" : "b", paid: false, seconds: 100, userId: null }));

it("reads sealed segments once for a question, and open ones each time", async () => {
  const world = await createWorld(filesIn("/nowhere"), noEngine);
  world.place(events);
  const place = (first: number, until: number, sealed: boolean) => world.speed(songs.definition, events, { partition: 0, first, previous: first, until, sealed });
  const asked: number[][] = [];
  const store: typeof world.store = {
    ...world.store,
    read(request, signal) {
      asked.push(request.segments.map(({ first }) => first));
      return world.store.read(request, signal);
    },
  };
  const serving = createServing({ ...world, store, views: [songs] });
  const plays = async (more: { readonly artist?: "a"; readonly limit?: number } = {}) => {
    const { artist, ...rest } = more;
    const { rows } = await serving.query(songs, { from: NOON, until: NOON + DAY_MS, granularity: "all", by: [], ...rest, ...(artist === undefined ? {} : { where: { artist } }) });
    return rows.map((row) => row.plays);
  };
  await place(0, 4, true);
  await place(4, 6, false);
  expect(await plays()).toEqual([6]);
  await place(4, 7, false);
  expect(await plays()).toEqual([7]);
  // How many rows are wanted changes no group; which rows are wanted does.
  expect(await plays({ limit: 1 })).toEqual([7]);
  expect(await plays({ artist: "a" })).toEqual([4]);
  expect(asked).toEqual([[0, 4], [4], [4], [0, 4]]);
  // Another sealed segment makes it another question of the store, and after that nothing is left to read.
  await place(4, 8, true);
  expect([await plays(), await plays()]).toEqual([[8], [8]]);
  expect(asked.slice(4)).toEqual([[0, 4]]);
  await place(8, 12, false);
  expect(await plays()).toEqual([12]);
  expect(asked.slice(5)).toEqual([[8]]);
  // What is kept is not given once the rows are over.
  await world.clock.advance(8 * DAY_MS);
  await expect(plays()).rejects.toMatchObject({ code: "UNSERVABLE", reason: "expired" });
});
