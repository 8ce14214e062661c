import { MillraceError, simulatedClock } from "@millrace/core";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { noEngine } from "../testing/no-engine.js";
import { listens, songs, type Play } from "../testing/plays.js";
import { eventTexts, serveWorld, type ServedWorld } from "../testing/served-world.js";
import { DAY_MS, NOON, createWorld, filesIn, type World } from "../testing/world.js";
import type { PreparedQuery } from "../serving.js";
import type { Served } from "./served.js";
import type { HttpServerOptions } from "./server-options.js";

const events = Array.from({ length: 10 }, (_, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 60_000, late: i === 3, song: i % 2 === 0 ? "s" : null, artist: "a", paid: true, seconds: 150, userId: 1_000 + i }));
const view = songs.definition;
const DAY = "from=2026-05-20&until=2026-05-21";
const TOTAL = `${DAY}&granularity=all&by=`;
const total = { from: NOON - 12 * 3_600_000, until: NOON + 12 * 3_600_000, granularity: "all", by: [] } as const;

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function newWorld(): Promise<World> {
  const world = await createWorld(filesIn("/nowhere"), noEngine);
  world.place(events);
  await world.speed(view, events, { partition: 0, first: 0, previous: 0, until: 4, sealed: true });
  await world.speed(view, events, { partition: 0, first: 4, previous: 4, until: 8, sealed: false });
  return world;
}
async function serve(world: World, options: HttpServerOptions = {}, more: Partial<Served> = {}): Promise<ServedWorld> {
  const served = await serveWorld(world, options, more);
  servers.push(served.server);
  return served;
}
const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({ method: "POST", headers: { "content-type": "application/json", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("answering", () => {
  it("gives what `query` gives, by URL and by body", async () => {
    const world = await newWorld();
    const { ask, serving } = await serve(world);
    const json = (value: unknown) => JSON.parse(JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? String(entry) : entry))) as object;
    const expected = json(await serving.query(songs, { ...total, by: ["song", "artist"], orderBy: "plays desc", where: { paid: true, song: ["s", null] }, split: true, limit: 1 }));
    expect(expected).toMatchObject({ rows: [{ song: "s", artist: "a", plays: 4, users: "4012", split: { plays: { batch: null, speed: 4 } } }], envelope: { complete: true, late: 1, behind: 2 } });
    const byUrl = await ask(`/api/views/songs/rows?${DAY}&granularity=all&by=song,artist&orderBy=plays%20desc&where=paid%3Dtrue&where=song%3Ds&where=song%3D&split=true&limit=1`);
    expect(byUrl).toMatchObject({ status: 200, type: "application/json; charset=utf-8" });
    expect(byUrl.body).toEqual(expected);
    const byBody = await ask("/api/views/songs/query", post({ ...total, from: "2026-05-20T00:00:00Z", by: ["song", "artist"], orderBy: "plays desc", where: { paid: true, song: ["s", null] }, split: true, limit: 1 }));
    expect(byBody.body).toEqual(expected);
    // Dimensions of every kind that JSON and URLs have no type for.
    await world.speed(listens.definition, events, { partition: 0, first: 0, previous: 0, until: 8, sealed: false });
    const one = json(await serving.query("listens", { from: total.from, until: total.until, where: { userId: [1_001n, 5n], seconds: 1.5, ts: new Date(NOON + 60_000) } }));
    expect(one).toMatchObject({ rows: [{ userId: "1001", seconds: 1.5, ts: "2026-05-20T12:01:00.000Z", plays: 1 }] });
    expect((await ask(`/api/views/listens/rows?${DAY}&where=userId%3D1001&where=userId%3D5&where=seconds%3D1.50&where=ts%3D2026-05-20T14:01:00%2B02:00`)).body).toEqual(one);
    expect((await ask("/api/views/listens/query", post({ from: total.from, until: total.until, where: { userId: ["1001", 5], seconds: "1.5", ts: NOON + 60_000 } }))).body).toEqual(one);
    const typed = await ask("/api/views/songs/query?types=true", post(total));
    expect(typed.body).toMatchObject({ rows: [{ lastPlay: "2026-05-20T12:07:00.000Z" }], types: { lastPlay: "instant", users: "bigint" } });
  });

  it("takes null for an empty value of an optional column, and the last day without a range", async () => {
    const world = await newWorld();
    const { ask } = await serve(world);
    expect((await ask(`/api/views/songs/rows?${DAY}&granularity=all&by=song&where=song%3D`)).body).toMatchObject({ rows: [{ song: null, plays: 4 }] });
    expect((await ask("/api/views/songs/query", post({ ...total, where: { song: null } }))).body).toMatchObject({ rows: [{ plays: 4 }] });
    // The world's clock stands at noon of the day after.
    expect((await ask("/api/views/songs/rows?granularity=all&by=")).body).toMatchObject({ rows: [] });
    expect((await ask("/api/views/songs/rows?granularity=all&by=&until=2026-05-21")).body).toMatchObject({ rows: [{ plays: 8 }] });
  });

  it("tells what is served, how far it is, and that it lives", async () => {
    const world = await newWorld();
    const { ask, server } = await serve(world);
    expect((await ask("/api/lambda")).body).toMatchObject({
      views: [
        {
          name: "songs", topic: "plays", every: "minute", granularities: ["minute", "hour", "day", "week", "month", "year", "all"],
          dimensions: [{ name: "song", type: "text", nullable: true }, { name: "artist", type: "text", nullable: false }, { name: "paid", type: "boolean", nullable: false }],
          measures: [
            { name: "plays", kind: "count", addsUp: true }, { name: "seconds", kind: "sum", addsUp: true }, { name: "users", kind: "sum" }, { name: "shortest", kind: "min", addsUp: false },
            { name: "lastPlay", kind: "max" }, { name: "mean", kind: "avg" }, { name: "paidShare", kind: "ratio" }, { name: "listeners", kind: "countDistinct" }, { name: "median", kind: "quantile" },
          ],
        },
        { name: "totals", every: "hour", dimensions: [] },
        { name: "listens", every: "second", dimensions: [{ name: "userId", type: "int64 as bigint", nullable: true }, { name: "seconds", type: "decimal(2)" }, { name: "ts", type: "timestamp" }] },
      ],
    });
    await world.store.writeHeartbeat({ topic: "plays", partition: 0, worker: "w", at: world.clock.now() - 250, position: 8 }, new AbortController().signal);
    const trust = await ask("/api/trust");
    expect(trust.body).toMatchObject({
      generation: null,
      topics: [{
        topic: "plays", complete: false, late: 1, deadLetters: 0,
        views: [{ view: "songs", complete: true }, { view: "totals", complete: false, missing: [{ reason: "unread" }] }, { view: "listens", complete: false }],
        partitions: [{ partition: 0, log: { start: 0, end: 10 }, cut: 0, reach: 0, lag: 10, heartbeatAgeMs: 250, complete: false }],
      }],
    });
    expect(await ask("/healthz")).toMatchObject({ status: 200, body: { status: "alive" } });
    expect(await ask("/readyz")).toMatchObject({ status: 200, body: { status: "ready", checks: [{ name: "log", ok: true, detail: "fine" }] } });
    const document = (await ask("/openapi.json")).body as { openapi: string; paths: Record<string, object> };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/api/dead-letters", "/api/generations", "/api/lambda", "/api/trust", "/api/views/{view}/query", "/api/views/{view}/rows", "/api/views/{view}/watch", "/api/watch", "/healthz", "/metrics", "/readyz"]));
    await ask(`/api/views/songs/rows?${TOTAL}`);
    await ask(`/api/views/songs/rows?${TOTAL}`);
    await ask("/api/views/sogns/rows");
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('millrace_query_duration_seconds_count{view="songs",from="executed"} 1');
    expect(metrics).toContain('millrace_query_duration_seconds_count{view="songs",from="cache"} 1');
    expect(metrics).toContain('millrace_http_refusals_total{code="UNKNOWN_VIEW"} 1');
    expect(metrics).toContain('millrace_http_request_duration_seconds_count{route="/api/views/:view/rows",method="GET",status="200"} 2');
  });

  it("counts what the layers of its process say", async () => {
    const { server } = await serve(await newWorld());
    server.telemetry({ type: "Flushed", topic: "plays", partition: 0, until: 9, records: 9, events: 8, late: 2, deadLetters: 1, rows: 3, durationMs: 4 });
    server.telemetry({ type: "RunFailed", error: new Error("secret-in-an-error") });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('millrace_speed_records_total{topic="plays"} 9');
    expect(metrics).toContain('millrace_speed_late_events_total{topic="plays"} 2');
    expect(metrics).toContain("millrace_batch_runs_failed_total 1");
    expect(metrics).not.toContain("secret-in-an-error");
  });

  it("tells where a speed layer in its process stands whenever it is asked, and nothing of partitions that moved away", async () => {
    let states = [
      { topic: "plays", partition: 0, durableUntil: 7, end: 10, inFlight: 2, maxEventTime: 1_767_614_400_500, inGap: false },
      { topic: "plays", partition: 1, durableUntil: 5, end: 5, inFlight: 0, maxEventTime: null, inGap: true },
    ];
    const { server } = await serve(await newWorld(), {}, { workers: () => states });
    const gauges = async () => (await (await fetch(`${server.url}/metrics`)).text()).split("\n").filter((line) => /^millrace_speed_(lag|durable|in_|max_)/.test(line));
    expect(await gauges()).toEqual([
      'millrace_speed_lag_records{topic="plays",partition="0"} 3',
      'millrace_speed_lag_records{topic="plays",partition="1"} 0',
      'millrace_speed_durable_offset{topic="plays",partition="0"} 7',
      'millrace_speed_durable_offset{topic="plays",partition="1"} 5',
      'millrace_speed_in_flight_records{topic="plays",partition="0"} 2',
      'millrace_speed_in_flight_records{topic="plays",partition="1"} 0',
      'millrace_speed_max_event_time_seconds{topic="plays",partition="0"} 1767614400.5',
      'millrace_speed_in_gap{topic="plays",partition="0"} 0',
      'millrace_speed_in_gap{topic="plays",partition="1"} 1',
    ]);
    states = states.slice(1);
    expect((await gauges()).every((line) => line.includes('partition="1"'))).toBe(true);
  });
});

describe("refusing", () => {
  const refused = (status: number, code: string, more: object = {}) => ({ status, type: "application/problem+json; charset=utf-8", body: { status, code, type: `urn:millrace:problem:${code.toLowerCase().replaceAll("_", "-")}`, ...more } });

  it("names a view that is not there, and those that are near", async () => {
    const { ask } = await serve(await newWorld());
    expect(await ask("/api/views/sogns/rows")).toMatchObject(refused(404, "UNKNOWN_VIEW", { title: "Not Found", detail: 'asking view "sogns"; did you mean "songs"?', retryable: false }));
    expect(await ask("/api/views/__proto__/rows")).toMatchObject(refused(404, "UNKNOWN_VIEW"));
    expect(await ask(`/api/views/${"x".repeat(2_000)}/rows`)).toMatchObject({ status: 404 });
  });

  it("tells every mistake of a query at once", async () => {
    const { ask } = await serve(await newWorld());
    const paths = async (path: string, init?: RequestInit) => {
      const answer = await ask(path, init);
      expect(answer).toMatchObject(refused(400, "QUERY"));
      return (answer.body["problems"] as { path: string; message: string }[]).map(({ path: at }) => at);
    };
    expect(await paths("/api/views/songs/rows?form=2026-01-01&from=yesterday&until=2026-02-30&granularity=second&zone=Mars/Olympus&by=sogn&where=paid%3Dyes&where=x&where=artits%3D1&orderBy=x&limit=0&limitPerWindow=1e3&fill=null&allowIncomplete=1&split=maybe&types=1")).toEqual([
      "form", "from", "until", "where.paid", "where", "limitPerWindow", "allowIncomplete", "split", "types", "granularity", "zone", "by[0]", "where.artits", "orderBy", "limit", "fill",
    ]);
    expect(await paths("/api/views/songs/rows?limit=1&limit=2")).toEqual(["limit"]);
    expect(await paths("/api/views/songs/query?limit=1", post({ from: "2026-05-20", until: "2026-05-19", where: { userId: "1.5" }, having: 1 }))).toEqual(["limit", "having", "until", "where.userId"]);
    expect(await paths("/api/views/songs/query", post("[]"))).toEqual(["query"]);
    expect(await paths("/api/views/songs/query", post("null"))).toEqual(["query"]);
    const unknown = await ask("/api/views/songs/rows?form=1");
    expect((unknown.body["problems"] as { message: string }[])[0]!.message).toMatch(/^no such parameter; there is "from", "until"/);
  });

  it("tells the ranges of an answer that cannot be given, and whether to try again", async () => {
    const world = await newWorld();
    const { ask } = await serve(world);
    await world.speed(view, events, { partition: 0, first: 9, previous: 9, until: 10, sealed: false });
    const answer = await ask(`/api/views/songs/rows?${TOTAL}`);
    expect(answer).toMatchObject(refused(503, "UNSERVABLE", { retryable: true, reason: "broken-chain", ranges: [{ topic: "plays", partition: 0, from: 8, until: 10, reason: "broken-chain" }], advice: expect.stringContaining("repeat the query") as string }));
    expect((await ask(`/api/views/songs/rows?${TOTAL}&allowIncomplete=true`)).body).toMatchObject({ rows: [{ plays: 8 }], envelope: { complete: false } });
    await world.clock.advance(8 * DAY_MS);
    expect(await ask(`/api/views/songs/rows?${TOTAL}`)).toMatchObject(refused(409, "UNSERVABLE", { retryable: false, reason: "expired" }));
  });

  it("knows its routes, their parameters and the bodies that they take", async () => {
    const { ask } = await serve(await newWorld(), { maxBodyBytes: 200 });
    expect(await ask("/api/nothing?a=1")).toMatchObject(refused(404, "NOT_FOUND", { detail: 'asking GET "/api/nothing": there is no such route' }));
    expect(await ask("/api/views/songs/rows", { method: "DELETE" })).toMatchObject(refused(404, "NOT_FOUND"));
    expect(await ask("/api/views/%E0%A4%A/rows")).toMatchObject(refused(400, "BAD_REQUEST"));
    for (const path of ["/api/lambda?x=1", "/api/trust?x=1", "/api/generations?limit=0", "/api/dead-letters?limit=1001", "/api/dead-letters?limit=1&limit=2", "/api/dead-letters?since=1"]) expect(await ask(path), path).toMatchObject(refused(400, "BAD_REQUEST"));
    expect(await ask("/api/dead-letters?topic=plazs")).toMatchObject(refused(404, "UNKNOWN_TOPIC", { detail: 'looking for dead letters of topic "plazs"; did you mean "plays"?' }));
    expect(await ask("/api/views/songs/query", post("{"))).toMatchObject(refused(400, "BAD_REQUEST"));
    expect(await ask("/api/views/songs/query", post(""))).toMatchObject(refused(400, "BAD_REQUEST"));
    expect(await ask("/api/views/songs/query", post('{"__proto__":{"from":1}}'))).toMatchObject(refused(400, "BAD_REQUEST"));
    expect(await ask("/api/views/songs/query", post({}, { "content-type": "text/plain" }))).toMatchObject(refused(415, "MEDIA_TYPE"));
    expect(await ask("/api/views/songs/query", post({ zone: "x".repeat(300) }))).toMatchObject(refused(413, "BODY_TOO_LARGE"));
  });

  it("is not ready while something cannot be read, and says what", async () => {
    const { ask } = await serve(await newWorld(), {}, { ready: () => Promise.resolve([{ name: "log", ok: true, detail: "" }, { name: "store", ok: false, detail: "no answer" }]) });
    expect(await ask("/readyz")).toMatchObject({ status: 503, body: { status: "not ready", checks: [{ ok: true }, { name: "store", ok: false, detail: "no answer" }] } });
  });

  it("says nothing of what went wrong inside, but to whoever looks after it", async () => {
    const { ask, faults } = await serve(await newWorld(), {}, { trust: () => Promise.reject(new Error("password hunter2")) });
    const answer = await ask("/api/trust");
    expect(answer).toMatchObject(refused(500, "INTERNAL", { detail: "the server failed; its log says why" }));
    expect(JSON.stringify(answer.body)).not.toContain("hunter2");
    expect(faults).toMatchObject([{ message: "password hunter2" }]);
  });
});

describe("the token", () => {
  const token = "s3cr3t-Token";
  const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } });

  it("is asked for by all but the probes, and never repeated", async () => {
    const { ask, server, faults } = await serve(await newWorld(), { token });
    const texts: string[] = [];
    for (const path of ["/api/lambda", "/api/trust", "/api/generations", "/api/dead-letters", "/metrics", "/openapi.json", `/api/views/songs/rows?${TOTAL}`, `/api/views/songs/watch?${TOTAL}`, "/api/views/nothing/rows"]) {
      for (const init of [{}, bearer(""), bearer("s3cr3t-Toke"), bearer("S3CR3T-TOKEN"), { headers: { authorization: token } }, { headers: { authorization: `Basic ${token}` } }]) {
        const answer = await ask(path, init);
        expect(answer, path).toMatchObject({ status: 401, body: { code: "UNAUTHORIZED", advice: expect.stringContaining("Authorization") as string } });
        expect(answer.headers.get("www-authenticate")).toBe("Bearer");
        texts.push(JSON.stringify(answer.body));
      }
    }
    expect(await ask(`/api/views/songs/rows?${TOTAL}`, bearer(token))).toMatchObject({ status: 200, body: { rows: [{ plays: 8 }] } });
    expect((await ask("/healthz")).status).toBe(200);
    expect((await ask("/readyz")).body).toEqual({ status: "ready" });
    expect((await ask("/readyz", bearer(token))).body).toMatchObject({ checks: [{ name: "log" }] });
    texts.push(await (await fetch(`${server.url}/metrics`, bearer(token))).text(), await (await fetch(`${server.url}/openapi.json`, bearer(token))).text());
    for (const text of [...texts, ...faults.map(String)]) expect(text).not.toContain(token);
  });

  it("is needed where other machines can ask", async () => {
    const world = await newWorld();
    const start = async (options: HttpServerOptions): Promise<unknown> =>
      serve(world, options).then(
        () => "served",
        (error: unknown) => error,
      );
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.org"]) {
      expect(await start({ host }), host).toMatchObject({ code: "CONFIGURATION", problems: [{ path: "host", message: expect.stringContaining("MILLRACE_TOKEN") as string }] });
      expect(await start({ host, token: "" }), host).toMatchObject({ code: "CONFIGURATION" });
    }
    expect(await start({ host: "0.0.0.0", token })).toBe("served");
    for (const host of ["127.0.0.1", "127.8.9.1", "localhost"]) expect(await start({ host }), host).toBe("served");
    const wrong = await start({ token: "with a space", port: 70_000, deadlineMs: 0, corsOrigins: ["*"] });
    expect(wrong).toMatchObject({ code: "CONFIGURATION", problems: [{ path: "token" }, { path: "corsOrigins" }, { path: "port" }, { path: "deadlineMs" }] });
    expect(String(wrong)).not.toContain("with a space");
  });

  it("makes up for a name that points to this machine", async () => {
    const asHost = async ({ server }: ServedWorld, host: string) => {
      const asking = request(`${server.url}/api/lambda`, { headers: { host, authorization: `Bearer ${token}` } }).end();
      const [response] = (await once(asking, "response")) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    const open = await serve(await newWorld());
    for (const host of ["127.0.0.1:80", "localhost", "[::1]:4280"]) expect(await asHost(open, host), host).toBe(200);
    for (const host of ["evil.example", "localhost.evil.example:4280", "127.0.0.1.evil.example"]) expect(await asHost(open, host), host).toBe(421);
    expect(await asHost(await serve(await newWorld(), { token }), "dash.example")).toBe(200);
  });
});

describe("limits", () => {
  it("answers a page of another origin only where it is told to", async () => {
    const closed = await serve(await newWorld());
    const origin = "https://dash.example";
    expect((await closed.ask("/api/lambda", { headers: { origin } })).headers.get("access-control-allow-origin")).toBeNull();
    const open = await serve(await newWorld(), { corsOrigins: [origin] });
    expect((await open.ask("/api/lambda", { headers: { origin } })).headers.get("access-control-allow-origin")).toBe(origin);
    expect((await open.ask("/api/lambda", { headers: { origin: "https://evil.example" } })).headers.get("access-control-allow-origin")).toBeNull();
    const preflight = await fetch(`${open.server.url}/api/views/songs/query`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin"), preflight.headers.get("access-control-allow-headers")]).toEqual([204, origin, "authorization, content-type, last-event-id"]);
  });

  it("refuses more requests within a second than it takes, but no probe", async () => {
    const { ask } = await serve(await newWorld(), { maxRequestsPerSecond: 3 });
    const statuses: number[] = [];
    let last: Awaited<ReturnType<ServedWorld["ask"]>> | undefined;
    for (let i = 0; i < 20; i++) statuses.push((last = await ask("/api/lambda")).status);
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
    expect(statuses).toContain(429);
    if (last!.status === 429) expect(last).toMatchObject({ body: { code: "TOO_MANY_REQUESTS", retryable: true } });
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("gives up at the deadline, and stops what was being done", async () => {
    const timers = simulatedClock(0);
    const aborted: unknown[] = [];
    const slow: Pick<PreparedQuery, "look"> = {
      look: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            aborted.push(signal.reason);
            reject(signal.reason as Error);
          });
        }),
    };
    const world = await newWorld();
    const { ask } = await serve(world, { timers, deadlineMs: 1_000 }, { serving: { prepare: () => ({ view, key: "k", ...slow }) } });
    const answer = ask(`/api/views/songs/rows?${TOTAL}`);
    await expect.poll(() => timers.sleepers).toBe(1);
    await timers.advance(1_000);
    expect(await answer).toMatchObject({ status: 504, body: { code: "DEADLINE", retryable: true, advice: expect.stringContaining("shorter range") as string } });
    expect(aborted).toMatchObject([{ code: "DEADLINE" }]);
    // And when the client has gone.
    const leaving = new AbortController();
    const left = ask(`/api/views/songs/rows?${TOTAL}`, { signal: leaving.signal }).catch(() => "left");
    await expect.poll(() => timers.sleepers).toBe(1);
    leaving.abort();
    expect(await left).toBe("left");
    await expect.poll(() => aborted.length).toBe(2);
    expect(timers.sleepers).toBe(0);
  });

  it("says which address it cannot have", async () => {
    const world = await newWorld();
    const { server } = await serve(world);
    const port = Number(new URL(server.url).port);
    await expect(serve(world, { port })).rejects.toMatchObject({ code: "LISTEN", message: `listening on "127.0.0.1" port ${port}: another process has it`, advice: expect.stringContaining("--port") as string });
  });
});

describe("kept answers", () => {
  it("are given as long as nothing moved, with an envelope of now", async () => {
    const world = await newWorld();
    const { ask } = await serve(world);
    const path = `/api/views/songs/rows?${TOTAL}`;
    expect((await ask(path)).body).toMatchObject({ rows: [{ plays: 8 }], envelope: { behind: 2, staleMs: null } });
    expect(world.calls.rows).toBe(1);
    await world.store.writeHeartbeat({ topic: "plays", partition: 0, worker: "w", at: world.clock.now() - 70, position: 8 }, new AbortController().signal);
    // The same question in other words.
    expect((await ask(`/api/views/songs/rows?by=&granularity=all&zone=UTC&${DAY}`)).body).toMatchObject({ rows: [{ plays: 8 }], envelope: { behind: 2, staleMs: 70 } });
    expect(world.calls.rows).toBe(1);
    await world.speed(view, events, { partition: 0, first: 4, previous: 4, until: 9, sealed: false });
    expect((await ask(path)).body).toMatchObject({ rows: [{ plays: 9 }], envelope: { behind: 1, asOf: [{ offset: 9 }] } });
    expect(world.calls.rows).toBe(2);
    await world.publish([view], [], { plays: [{ partition: 0, logVersion: 1_024, offset: 4 }] });
    expect((await ask(path)).body).toMatchObject({ rows: [{ plays: 5 }], envelope: { generation: 1 } });
    expect(world.calls.rows).toBe(3);
    // Rows that are over are not given from memory either.
    await world.clock.advance(8 * DAY_MS);
    expect((await ask(path)).status).toBe(409);
  });

  it("are of their own question: no two that differ are taken for one", async () => {
    const world = await newWorld();
    const { ask } = await serve(world);
    const asked = ["", "&limit=1", "&limitPerWindow=1", "&fill=zero", "&allowIncomplete=true", "&split=true", "&where=artist%3Da", "&where=artist%3Db", "&where=song%3D", "&where=paid%3Dtrue", "&orderBy=plays"];
    for (const more of asked) await ask(`/api/views/songs/rows?${TOTAL}${more}`);
    await ask("/api/views/songs/rows?from=2026-05-20&until=2026-05-22&granularity=all&by=");
    await ask(`/api/views/songs/rows?${DAY}&granularity=day&by=`);
    await ask(`/api/views/songs/rows?${DAY}&granularity=all&by=song`);
    expect(world.calls.rows).toBe(asked.length + 3);
  });

  it("of equal questions are made once, also when they come together", async () => {
    const world = await newWorld();
    const { ask } = await serve(world);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(`/api/views/songs/rows?${TOTAL}`)));
    for (const { body } of answers) expect(body).toMatchObject({ rows: [{ plays: 8 }] });
    expect(world.calls.rows).toBe(1);
  });

  it("stay within their bytes", async () => {
    const world = await newWorld();
    const { ask } = await serve(world, { cacheBytes: 6_000 });
    const path = (artist: string) => `/api/views/songs/rows?${TOTAL}&where=artist%3D${artist}`;
    for (const artist of ["a", "b", "a"]) await ask(path(artist));
    expect(world.calls.rows).toBe(2);
    for (let i = 0; i < 30; i++) await ask(path(`x${i}`));
    await ask(path("a"));
    expect(world.calls.rows).toBe(2 + 30 + 1);
    const none = await serve(world, { cacheBytes: 0 });
    for (let i = 0; i < 2; i++) await none.ask(path("a"));
    expect(world.calls.rows).toBe(2 + 30 + 1 + 2);
  });
});

describe("watching", () => {
  const open = ({ server }: ServedWorld, more: RequestInit = {}, query = TOTAL) => fetch(`${server.url}/api/views/songs/watch?${query}`, more);

  it("sends a state at once, and every other one after it, under an id that names the state", async () => {
    const world = await newWorld();
    const served = await serve(world);
    const response = await open(served);
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([200, "text/event-stream; charset=utf-8", "no-store"]);
    const events1 = eventTexts(response);
    expect(await events1.next()).toBe("retry: 1000\n: watching");
    const first = (await events1.next())!;
    const [, id, data] = /^event: answer\nid: ([0-9a-f]{16})\ndata: (.*)$/.exec(first)!;
    expect(JSON.parse(data!)).toEqual((await served.ask(`/api/views/songs/rows?${TOTAL}`)).body);
    await world.speed(view, events, { partition: 0, first: 4, previous: 4, until: 9, sealed: false });
    const second = (await events1.next())!;
    expect(second).toContain('"plays":9');
    expect(second).not.toContain(id);
    // Who knows the state is not sent it again; who knows another one is.
    const again = eventTexts(await open(served, { headers: { "last-event-id": /id: (\w+)/.exec(second)![1]! } }));
    await again.next();
    const behind = eventTexts(await open(served, { headers: { "last-event-id": id! } }));
    await behind.next();
    expect(await behind.next()).toBe(second);
    await world.speed(view, events, { partition: 0, first: 4, previous: 4, until: 10, sealed: false });
    expect(await again.next()).toContain('"plays":10');
  });

  it("tells mistakes before it begins, and refusals as its last event", async () => {
    const world = await newWorld();
    const served = await serve(world);
    expect(await served.ask("/api/views/songs/watch?granularity=second")).toMatchObject({ status: 400, body: { code: "QUERY" } });
    expect(await served.ask("/api/views/songs/watch", post({ limit: 0 }))).toMatchObject({ status: 400, body: { code: "QUERY" } });
    const stream = eventTexts(await open(served));
    await stream.next();
    await stream.next();
    await world.clock.advance(8 * DAY_MS);
    const last = (await stream.next())!;
    expect(last).toMatch(/^event: error\ndata: \{/);
    expect(JSON.parse(last.split("data: ")[1]!)).toMatchObject({ status: 409, code: "UNSERVABLE", reason: "expired" });
    expect(await stream.next()).toBeUndefined();
  });

  it("keeps silent connections alive, and counts those that are open", async () => {
    const world = await newWorld();
    const served = await serve(world, { heartbeatMs: 20, maxWatches: 2 });
    const [a, b] = [new AbortController(), new AbortController()];
    const stream = eventTexts(await open(served, { signal: a.signal }));
    await open(served, { signal: b.signal });
    for (const start of ["retry", "event: answer", ": still here", ": still here"]) expect((await stream.next())!.startsWith(start)).toBe(true);
    const refused = await served.ask(`/api/views/songs/watch?${TOTAL}`);
    expect(refused).toMatchObject({ status: 429, body: { code: "TOO_MANY_WATCHES", retryable: true } });
    expect(refused.headers.get("retry-after")).toBe("5");
    b.abort();
    await expect.poll(async () => {
      const next = await open(served);
      await next.body?.cancel();
      return next.status;
    }).toBe(200);
    a.abort();
    await expect.poll(async () => (await (await fetch(`${served.server.url}/metrics`)).text()).includes("millrace_http_watches 0")).toBe(true);
  });

  it("ends when the server closes, after everything in flight was answered", async () => {
    const world = await newWorld();
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const served = await serve(world, {}, { trust: async () => held.then(() => ({ at: 1, generation: null, topics: [] })) });
    const stream = eventTexts(await open(served));
    await stream.next();
    await stream.next();
    const inFlight = served.ask("/api/trust");
    // A second request over the same agent shows that the server is reached before it closes.
    await served.ask("/healthz");
    const closed = served.server.close();
    expect(await stream.next()).toBeUndefined();
    release!();
    expect(await inFlight).toMatchObject({ status: 200, body: { at: 1 } });
    await closed;
    await expect(fetch(`${served.server.url}/healthz`)).rejects.toThrow();
    await served.server.close();
  });
});

it("tells errors of Millrace by their shape, as those of another copy of the package are", async () => {
  class Elsewhere extends Error {
    readonly code = "UNSERVABLE";
    readonly retryable = true;
    readonly reason = "broken-chain";
    readonly ranges = [];
  }
  expect(new Elsewhere()).not.toBeInstanceOf(MillraceError);
  const { ask } = await serve(await newWorld(), {}, { trust: () => Promise.reject(new Elsewhere("told")) });
  expect(await ask("/api/trust")).toMatchObject({ status: 503, body: { code: "UNSERVABLE", detail: "told", reason: "broken-chain", ranges: [] } });
});
