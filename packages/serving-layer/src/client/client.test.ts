import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import type { Answer } from "../query/answer.js";
import { afterEach, describe, expect, it } from "vitest";
import { noEngine } from "../testing/no-engine.js";
import { listens, songs, type Play, type totals } from "../testing/plays.js";
import { serveWorld, type ServedWorld } from "../testing/served-world.js";
import { DAY_MS, NOON, createWorld, filesIn, type World } from "../testing/world.js";
import type { ClientOptions } from "./client-options.js";
import { createClient } from "./create-client.js";
import { RemoteError } from "./remote-error.js";

interface Lambda {
  readonly views: readonly (typeof songs | typeof totals | typeof listens)[];
}

const events = Array.from({ length: 40 }, (_, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 1_000, late: false, song: i % 3 === 0 ? null : "s", artist: "a", paid: true, seconds: 150, userId: 1_000 + i }));
const total = { from: NOON, until: NOON + 3_600_000, by: [], granularity: "all" } as const;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function newWorld(): Promise<World> {
  const world = await createWorld(filesIn("/nowhere"), noEngine);
  world.place(events);
  return world;
}
const upTo = async (world: World, until: number) => {
  for (const { definition } of [songs, listens]) await world.speed(definition, events, { partition: 0, first: 0, previous: 0, until, sealed: false });
};
async function serve(world: World, ...options: Parameters<typeof serveWorld> extends [unknown, ...infer O] ? O : never): Promise<ServedWorld> {
  const served = await serveWorld(world, ...options);
  closing.push(() => served.server.close());
  return served;
}
const clientOf = (url: string, options: ClientOptions = {}) => createClient<Lambda>(url, { random: () => 0, reconnect: { minMs: 1, maxMs: 20 }, ...options });

describe("the client asks as the lambda does", () => {
  it("and gets rows of the same types", async () => {
    const world = await newWorld();
    await upTo(world, 6);
    const { server, serving } = await serve(world, { token: "t" });
    const client = clientOf(`${server.url}/`, { token: "t" });
    const queries = [
      { ...total, split: true },
      { ...total, from: new Date(total.from), by: ["song", "paid"], granularity: "hour", zone: "America/New_York", orderBy: "song asc", fill: "zero" },
      { ...total, where: { song: ["s", null], artist: "nobody" } },
      { ...total, by: ["song"], limit: 1, limitPerWindow: 1 },
    ] as const;
    for (const query of queries) expect(await client.query("songs", query)).toEqual(await serving.query("songs", query));
    const kinds = { from: NOON, until: NOON + 60_000, where: { userId: [1_001n, 1_003n, null], ts: [new Date(NOON + 1_000), new Date(NOON + 2_000)], seconds: 1.5 } };
    const answer = await client.query(listens, kinds);
    expect(answer).toEqual(await serving.query(listens, kinds));
    expect(answer.rows).toEqual([{ window: new Date(NOON + 1_000), userId: 1_001n, seconds: 1.5, ts: new Date(NOON + 1_000), plays: 1 }]);
    expect((await client.describe()).views.map(({ name }) => name)).toEqual(["songs", "totals", "listens"]);
    expect((await client.trust()).topics).toMatchObject([{ topic: "plays", partitions: [{ log: { end: 40 } }] }]);
    expect(await client.generations({ limit: 3 })).toEqual([]);
    expect(await client.deadLetters({ topic: "plays" })).toEqual({ deadLetters: [], more: false });
  });

  it("and gets the same codes when it is refused", async () => {
    const world = await newWorld();
    await upTo(world, 6);
    const { server } = await serve(world);
    const client = clientOf(server.url);
    const wrong = await client.query("songs", { ...total, limit: 0, zone: "Mars/Olympus" }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(RemoteError);
    expect(wrong).toMatchObject({ code: "QUERY", status: 400, retryable: false, problem: { problems: [{ path: "zone" }, { path: "limit" }] }, message: expect.stringContaining("Mars/Olympus") as string });
    await expect(client.query("song" as "songs", total)).rejects.toMatchObject({ code: "UNKNOWN_VIEW", status: 404 });
    await world.clock.advance(8 * DAY_MS);
    await expect(client.query("songs", total)).rejects.toMatchObject({ code: "UNSERVABLE", problem: { reason: "expired", ranges: [{ from: 0, until: 6 }] }, advice: expect.any(String) as string });
    await expect(client.deadLetters({ topic: "x y" })).rejects.toMatchObject({ code: "UNKNOWN_TOPIC" });
    const locked = await serve(world, { token: "right" });
    await expect(clientOf(locked.server.url, { token: "wrong" }).trust()).rejects.toMatchObject({ code: "UNAUTHORIZED", status: 401 });
  });

  it("and is told apart from a server that cannot be reached, or is none", async () => {
    await expect(clientOf("http://127.0.0.1:1").trust()).rejects.toMatchObject({ code: "CONNECTION", retryable: true, advice: expect.stringContaining("millrace serve") as string });
    const other = await httpServer((_request, response) => response.writeHead(502).end("<html>"));
    await expect(clientOf(other).trust()).rejects.toMatchObject({ code: "CONNECTION", message: expect.stringContaining("status 502") as string });
    const page = await httpServer((_request, response) => response.end("<html>"));
    await expect(clientOf(page).trust()).rejects.toMatchObject({ code: "CONNECTION" });
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(clientOf(page).trust(aborted)).rejects.toThrow("enough");
  });
});

/** The states that a watch emits, as the number of plays of each. */
function watch(url: string, options: ClientOptions = {}, query = total) {
  const seen: number[] = [];
  const failures: string[] = [];
  const ends: unknown[] = [];
  const client = clientOf(url, { ...options, onReconnect: (error) => failures.push(error.message) });
  const subscription = client.watch("songs", query).subscribe({
    next: ({ rows }: Answer<{ plays: number }>) => seen.push(rows[0]?.plays ?? 0),
    error: (error: unknown) => ends.push(error),
    complete: () => ends.push("complete"),
  });
  closing.push(() => subscription.unsubscribe());
  return { seen, failures, ends, subscription };
}

describe("a watch", () => {
  it("emits each state once, in order, while its connections are killed", async () => {
    const world = await newWorld();
    await upTo(world, 1);
    const { server } = await serve(world);
    const proxy = await killableProxy(Number(new URL(server.url).port));
    const { seen, failures, ends, subscription } = watch(proxy.url);
    const expected = [1];
    await expect.poll(() => seen).toEqual(expected);
    for (let until = 2; until <= 30; until++) {
      if (until % 2 === 0) proxy.kill();
      await upTo(world, until);
      if (until % 3 === 0) proxy.kill();
      expected.push(until);
      await expect.poll(() => seen.at(-1)).toBe(until);
    }
    // Killed without anything new: the state is known, and not told again.
    for (let i = 0; i < 5; i++) {
      const before = failures.length;
      proxy.kill();
      await expect.poll(() => failures.length).toBeGreaterThan(before);
      await expect.poll(() => proxy.open()).toBeGreaterThan(0);
    }
    await upTo(world, 31);
    await expect.poll(() => seen.at(-1)).toBe(31);
    expect(seen).toEqual([...expected, 31]);
    expect(failures.length).toBeGreaterThan(5);
    expect(ends).toEqual([]);
    subscription.unsubscribe();
    await expect.poll(async () => (await (await fetch(`${server.url}/metrics`)).text()).includes("millrace_http_watches 0")).toBe(true);
  });

  it("waits for a server that is away, longer and longer, and goes on", async () => {
    const world = await newWorld();
    await upTo(world, 3);
    const first = await serve(world);
    const port = Number(new URL(first.server.url).port);
    const delays: number[] = [];
    const seen: number[] = [];
    const client = clientOf(first.server.url, { random: () => 0.5, reconnect: { minMs: 4, maxMs: 16 }, onReconnect: (_error, delayMs) => delays.push(delayMs) });
    const subscription = client.watch("songs", total).subscribe(({ rows }) => seen.push((rows[0] as { plays: number }).plays));
    closing.push(() => subscription.unsubscribe());
    await expect.poll(() => seen).toEqual([3]);
    await first.server.close();
    await expect.poll(() => delays.length).toBeGreaterThan(4);
    expect(delays.slice(0, 5)).toEqual([3, 6, 12, 12, 12]);
    await upTo(world, 7);
    await serve(world, { port });
    await expect.poll(() => seen).toEqual([3, 7]);
  });

  it("ends with a refusal that repeating does not mend, and repeats the others", async () => {
    const world = await newWorld();
    await upTo(world, 4);
    const { server } = await serve(world);
    expect(watchError(await ended(watch(server.url, {}, { ...total, limit: 0 } as typeof total)))).toEqual(["QUERY", 400]);
    // A chain that is broken for a moment.
    const { seen, failures, ends } = watch(server.url);
    await expect.poll(() => seen).toEqual([4]);
    await world.speed(songs.definition, events, { partition: 0, first: 6, previous: 6, until: 8, sealed: false });
    await expect.poll(() => failures.some((message) => message.includes("broken-chain"))).toBe(true);
    await world.speed(songs.definition, events, { partition: 0, first: 0, previous: 0, until: 6, sealed: true });
    await expect.poll(() => seen).toEqual([4, 8]);
    expect(ends).toEqual([]);
    await world.clock.advance(8 * DAY_MS);
    await expect.poll(() => ends).toMatchObject([{ code: "UNSERVABLE", retryable: false }]);
  });

  it("notices a server that has gone silent", async () => {
    let connections = 0;
    const silent = await httpServer((_request, response) => {
      connections++;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("retry: 1\n\n");
    });
    const { failures } = watch(silent, { silenceMs: 30 });
    await expect.poll(() => connections).toBeGreaterThan(2);
    expect(failures[0]).toBe("watching: the server said nothing for 30 ms");
  });

  it("takes no state twice from a server that forgets what it was told, and nothing for an answer that is none", async () => {
    const state = (id: string, plays: number) => `event: answer\nid: ${id}\ndata: ${JSON.stringify({ rows: [{ plays }], envelope: {} })}\n\n`;
    const told: (string | undefined)[] = [];
    const scripts = [state("a", 1), `${state("a", 1)}${state("b", 2)}event: answer\nid: c\ndata: {"rows":`, "event: answer\nid: d\ndata: nonsense\n\n", "event: error\ndata: {}\n\n", state("b", 2), state("c", 3)];
    const url = await httpServer((request, response) => {
      told.push(request.headers["last-event-id"] as string | undefined);
      response.writeHead(200, { "content-type": "text/event-stream" }).end(scripts.shift() ?? "");
    });
    const { seen, ends } = watch(url);
    await expect.poll(() => scripts.length).toBe(0);
    await expect.poll(() => seen).toEqual([1, 2, 3]);
    expect(ends).toEqual([]);
    expect(told.slice(0, 3)).toEqual([undefined, "a", "b"]);
  });
});

const watchError = (error: unknown) => [(error as RemoteError).code, (error as RemoteError).status];
async function ended({ ends }: ReturnType<typeof watch>): Promise<unknown> {
  await expect.poll(() => ends.length).toBe(1);
  return ends[0];
}

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function httpServer(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createHttp((request, response) => {
    request.resume();
    answer(request, response);
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return listening(server);
}

/** Passes bytes on to a port, and cuts all connections when it is told to. */
async function killableProxy(port: number): Promise<{ readonly url: string; readonly kill: () => void; readonly open: () => number }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  const kill = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  closing.push(() => {
    kill();
    server.close();
  });
  return { url: await listening(server), kill, open: () => sockets.size };
}
