import { afterEach, describe, expect, it } from "vitest";
import { noEngine } from "../../testing/no-engine.js";
import { songs, type Play } from "../../testing/plays.js";
import { eventTexts, serveWorld, type ServedWorld } from "../../testing/served-world.js";
import { NOON, createWorld, filesIn, type World } from "../../testing/world.js";
import type { HttpServerOptions } from "../server-options.js";

const events = Array.from({ length: 8 }, (_, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 60_000, late: false, song: "s", artist: i % 2 === 0 ? "a" : "b", paid: true, seconds: 150, userId: i }));
const view = songs.definition;
const range = { from: new Date(NOON).toISOString(), until: new Date(NOON + 3_600_000).toISOString() };

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
async function served(options: HttpServerOptions = {}): Promise<ServedWorld & { readonly world: World }> {
  const world = await createWorld(filesIn("/nowhere"), noEngine);
  world.place(events);
  await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 4, sealed: true });
  const own = await serveWorld(world, options);
  servers.push(own.server);
  return { ...own, world };
}
const watching = (url: string, body: unknown, signal: AbortSignal) => fetch(`${url}/api/watch`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });

interface Told {
  readonly name: string;
  readonly id: string;
  readonly from: number;
  readonly until: number;
  readonly answer: { readonly rows: readonly Record<string, unknown>[] };
  readonly problem: { readonly code: string };
}
/** The next event that is no beat. */
async function next(read: ReturnType<typeof eventTexts>): Promise<Told> {
  for (;;) {
    const text = await read.next();
    if (text === undefined) throw new Error("the stream ended");
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text)!;
    if (name !== "beat") return { name, ...(JSON.parse(data!) as object) } as Told;
  }
}
const json = (value: unknown) => JSON.parse(JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? String(entry) : entry))) as unknown;

describe("several watches over one connection", () => {
  it("answer what `query` answers, follow what is written, and are refused one by one", async () => {
    const { server, serving, world } = await served();
    const stop = new AbortController();
    const total = { ...range, granularity: "all", by: ["artist"], orderBy: "plays desc" };
    const response = await watching(server.url, { watches: [{ id: "artists", view: "songs", query: total }, { id: "wrong", view: "songs", query: { ...total, orderBy: "nothing" } }] }, stop.signal);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const read = eventTexts(response);
    const first = [await next(read), await next(read)].sort((a, b) => (a.id < b.id ? -1 : 1));
    const asked = { from: NOON, until: NOON + 3_600_000, granularity: "all", by: ["artist"], orderBy: "plays desc" } as const;
    expect(first).toMatchObject([
      { name: "answer", id: "artists", from: NOON, until: NOON + 3_600_000, answer: { rows: json((await serving.query("songs", asked)).rows) } },
      { name: "refused", id: "wrong", problem: { code: "QUERY" } },
    ]);
    await world.speed(view, events, { partition: 0, first: 4, previous: 4, until: 8, sealed: false });
    const second = await next(read);
    expect(second).toMatchObject({ name: "answer", id: "artists", answer: { rows: json((await serving.query("songs", asked)).rows) } });
    expect(second.answer.rows.map(({ plays }) => plays)).toEqual([4, 4]);
    stop.abort();
  });

  it("may ask for a range that ends now", async () => {
    const { server, world } = await served();
    const stop = new AbortController();
    const read = eventTexts(await watching(server.url, { watches: [{ id: "now", view: "songs", query: { granularity: "all", by: [] }, last: { ms: 3_600_000 } }] }, stop.signal));
    const until = Math.floor(world.clock.now() / 60_000) * 60_000 + 60_000;
    expect(await next(read)).toMatchObject({ name: "answer", from: until - 3_600_000, until });
    stop.abort();
  });

  it("are refused together when they are no watches, naming every mistake", async () => {
    const { ask } = await served();
    const refusal = async (body: unknown) => ask("/api/watch", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    expect(await refusal({ watches: [{ id: "", view: "song", query: {}, last: {} }, { id: "a", view: "songs", query: {}, has: 1 }, { id: "a", view: "songs", query: {} }, null] })).toMatchObject({
      status: 400,
      body: {
        code: "BAD_REQUEST",
        problems: [
          { path: "watches[0].id" },
          { path: "watches[0].view", message: 'there is no view "song"; did you mean "songs"?' },
          { path: "watches[0].last.ms" },
          { path: "watches[1].has" },
          { path: "watches[2].id" },
          { path: "watches[3].id" },
          { path: "watches[3].view" },
        ],
      },
    });
    for (const body of [{}, [], { watches: {} }, { watches: Array.from({ length: 65 }, (_, i) => ({ id: `${i}`, view: "songs", query: {} })) }]) expect(await refusal(body)).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
  });

  it("count as one of the watches that a server takes, and need its token", async () => {
    const { server, ask } = await served({ maxWatches: 1 });
    const stop = new AbortController();
    const body = { watches: [{ id: "a", view: "songs", query: range }] };
    await next(eventTexts(await watching(server.url, body, stop.signal)));
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    expect(await ask("/api/watch", post)).toMatchObject({ status: 429, body: { code: "TOO_MANY_WATCHES" } });
    stop.abort();
    await expect.poll(async () => {
      const own = new AbortController();
      const { status } = await watching(server.url, body, own.signal);
      own.abort();
      return status;
    }).toBe(200);
    const closed = await served({ token: "secret" });
    expect(await closed.ask("/api/watch", post)).toMatchObject({ status: 401 });
  });
});
