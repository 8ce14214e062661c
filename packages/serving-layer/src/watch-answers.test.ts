import { FIRST_LOG_VERSION } from "@millrace/core";
import { describe, expect, it } from "vitest";
import { createServing } from "./serving.js";
import { noEngine } from "./testing/no-engine.js";
import { songs, type Play } from "./testing/plays.js";
import { NOON, createWorld, filesIn } from "./testing/world.js";

const view = songs.definition;
const events = Array.from({ length: 10 }, (_, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 60_000, late: false, song: "s", artist: "a", paid: false, seconds: 100, userId: null }));
const total = { from: NOON, until: NOON + 3_600_000, by: [], granularity: "all" } as const;

async function watched(query: object = total) {
  const world = await createWorld(filesIn("/nowhere"), noEngine);
  world.place(events);
  await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 4, sealed: false });
  const serving = createServing({ ...world, views: [songs], pollMs: 100 });
  const seen: unknown[] = [];
  const subscription = serving.watch(songs, query as typeof total).subscribe({
    next: ({ rows, envelope }) => seen.push([(rows as { plays: number }[]).map(({ plays }) => plays), envelope.asOf[0]!.offset]),
    error: (error: { readonly code?: string }) => seen.push(error.code),
    complete: () => seen.push("complete"),
  });
  await world.clock.advance(0);
  return { world, serving, seen, subscription };
}

describe("watching a query", () => {
  it("emits at once, and then exactly what changed", async () => {
    const { world, seen, subscription } = await watched();
    expect(seen).toEqual([[[4], 4]]);
    await world.clock.advance(1_000);
    expect(seen).toHaveLength(1);
    expect(world.calls).toEqual({ rows: 1, progress: 11, sql: [] });

    await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 6, sealed: false });
    await world.clock.advance(99);
    expect(seen).toHaveLength(1);
    await world.clock.advance(1);
    expect(seen.slice(1)).toEqual([[[6], 6]]);

    await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 6, sealed: true });
    await world.speed(view, events, { partition: 0, first: 6, previous: 6, until: 7, sealed: false });
    await world.clock.advance(100);
    expect(seen.slice(2)).toEqual([[[7], 7]]);
    // Progress over a record that is not in the view: asked again, and nothing to tell.
    await world.speed(view, events.slice(0, 7), { partition: 0, first: 6, previous: 6, until: 8, sealed: false });
    await world.clock.advance(100);
    expect(seen).toHaveLength(3);

    subscription.unsubscribe();
    expect(world.clock.sleepers).toBe(0);
    await world.speed(view, events, { partition: 0, first: 6, previous: 6, until: 10, sealed: false });
    await world.clock.advance(1_000);
    expect(seen).toHaveLength(3);
  });

  it("sees a generation, and ends with the error of a refusal", async () => {
    const { world, seen } = await watched();
    await world.publish([view], [], { plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset: 4 }] });
    await world.clock.advance(100);
    expect(seen).toEqual([[[4], 4], [[], 4]]);
    await world.speed(view, events, { partition: 0, first: 6, previous: 6, until: 8, sealed: false });
    await world.clock.advance(100);
    expect(seen.slice(2)).toEqual(["UNSERVABLE"]);
    expect(world.clock.sleepers).toBe(0);
  });

  it("errors on a query that cannot be asked, and on close", async () => {
    const wrong = await watched({ ...total, granularity: "second" });
    expect(wrong.seen).toEqual(["QUERY"]);
    const { world, serving, seen } = await watched();
    await serving.close();
    await world.clock.advance(0);
    expect(seen.slice(1)).toEqual(["CLOSED"]);
    const late: unknown[] = [];
    serving.watch(songs, total).subscribe({ error: (error: { readonly code?: string }) => late.push(error.code) });
    await world.clock.advance(0);
    expect(late).toEqual(["CLOSED"]);
  });
});
