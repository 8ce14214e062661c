import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { FIRST_LOG_VERSION, type MillraceError, type SqlEngine } from "@millrace/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listens, songs, totals, type Play } from "../testing/plays.js";
import { serveWorld, type ServedWorld } from "../testing/served-world.js";
import { NOON, createWorld, filesIn } from "../testing/world.js";

const EVIL = ["' OR 1=1 --", "'; DROP TABLE t; --", '"', "\\", "%", "\0", "x'||'y", "../../etc/passwd", "__proto__", "constructor", "${7*7}", "\u{1F600}", "é", "a,b", "a=b", " ", "null", "1e999", "-0"];
const plays = EVIL.map((artist, i): Play => ({ partition: 0, offset: i, ts: NOON + i * 45_000, late: false, song: i % 4 === 0 ? null : EVIL[(i * 7) % EVIL.length]!, artist, paid: i % 2 === 0, seconds: i * 25, userId: i % 3 === 0 ? null : i }));

let root: string;
let engine: SqlEngine;
let served: ServedWorld;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-fuzz-"));
  const files = filesIn(root);
  engine = duckdbEngine({ files });
  const world = await createWorld(files, engine);
  world.place(plays);
  const views = [songs, totals, listens].map(({ definition }) => definition);
  await world.publish(views, plays, { plays: [{ partition: 0, logVersion: FIRST_LOG_VERSION, offset: 10 }] });
  for (const view of views) await world.speed(view, plays, { partition: 0, first: 10, previous: 10, until: plays.length, sealed: false });
  served = await serveWorld(world, { maxRequestsPerSecond: 1_000_000 });
});
afterAll(async () => {
  await served.server.close();
  await engine.close();
  await rm(root, { recursive: true });
});

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? String(entry) : entry)));
const text = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...EVIL, "") }, { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) }, { weight: 1, arbitrary: fc.string({ maxLength: 20 }) });
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown>): fc.Arbitrary<T> => fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: bad as fc.Arbitrary<T> });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const VALUES = { artist: text, song: fc.oneof(text, fc.constant(null)), paid: fc.boolean(), userId: fc.bigInt({ min: 0n, max: 20n }), seconds: fc.constantFrom(0.25, 1.5, 2), ts: fc.constantFrom(new Date(NOON), new Date(NOON + 45_000)) };

/** Queries as a program asks them: most can be asked, some are wrong in one place or another. */
const query = fc.constantFrom(songs, songs, totals, listens).chain(({ name, definition: { by, measures } }) =>
  fc.record({
    view: fc.constant(name),
    from: mostly(fc.constantFrom(NOON - 3_600_000, NOON, NOON + 120_000), fc.constantFrom(NOON + 10_000_000, Number.NaN)),
    until: fc.constantFrom(NOON + 600_000, NOON + 86_400_000),
    granularity: maybe(mostly(fc.constantFrom("hour", "day", "week", "all"), fc.oneof(text, fc.constant("minute")))),
    zone: maybe(mostly(fc.constantFrom("UTC", "America/New_York", "Europe/Berlin"), fc.oneof(text, fc.constant("Asia/Kolkata")))),
    by: maybe(fc.subarray([...by]).chain((some) => mostly(fc.constant(some), text.map((other) => [...some, other])))),
    where: maybe(fc.record(Object.fromEntries([...by, ...(by.length === 0 ? [] : ["artist"])].map((column) => [column, VALUES[column as keyof typeof VALUES]])), { requiredKeys: [] })),
    orderBy: maybe(mostly(fc.constantFrom(...measures.map((measure) => `${measure.name} desc`), "plays"), fc.oneof(text, fc.constantFrom("window desc", "artist")))),
    limit: maybe(mostly(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, -1, 1.5))),
    limitPerWindow: maybe(fc.integer({ min: 1, max: 3 })),
    split: maybe(fc.boolean()),
  }),
);

it("a query over HTTP gives what it gives in the process, or the same refusal", async () => {
  let answered = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(query, async ({ view, ...options }) => {
      const asked = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
      const expected = await (served.serving.query as unknown as (view: string, query: object) => Promise<object>)(view, asked).then(
        (answer) => ({ status: 200, body: json(answer) }),
        (error: unknown) => ({ status: 400, body: { code: (error as MillraceError).code, problems: (error as { problems?: object[] }).problems?.map((problem) => ({ path: (problem as { path: string }).path })) } }),
      );
      // NaN is null in JSON, and that is no instant either.
      const byBody = await served.ask(`/api/views/${view}/query`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(json(asked)) });
      expect(byBody).toMatchObject(expected);
      if (expected.status === 200) {
        answered++;
        expect(byBody.body).toEqual(expected.body);
        const { where = {}, by, from, until, ...rest } = asked as { where?: Record<string, unknown>; by?: string[]; from: number; until: number } & Record<string, string | number | boolean>;
        // An empty text and null are one in a URL.
        if (Object.values(where).some((value) => value === "")) return;
        const parameters = new URLSearchParams({ from: new Date(from).toISOString(), until: new Date(until).toISOString() });
        for (const [name, value] of Object.entries(rest)) parameters.append(name, String(value));
        if (by !== undefined) parameters.append("by", by.join(","));
        for (const [name, value] of Object.entries(where)) parameters.append("where", `${name}=${value === null ? "" : value instanceof Date ? value.toISOString() : String(value)}`);
        expect((await served.ask(`/api/views/${view}/rows?${parameters.toString()}`)).body).toEqual(expected.body);
      } else refused++;
    }),
    { numRuns: 150 },
  );
  expect(answered).toBeGreaterThan(25);
  expect(refused).toBeGreaterThan(25);
});

const refusal = { code: expect.stringMatching(/^(QUERY|UNKNOWN_VIEW|UNKNOWN_TOPIC|BAD_REQUEST|NOT_FOUND|ROW_LIMIT)$/) as string };

async function expectAnswerOrRefusal(path: string, init?: RequestInit): Promise<void> {
  const answer = await served.ask(path, init);
  if (answer.status === 200) expect(Object.keys(answer.body).length).toBeGreaterThan(0);
  else {
    expect([400, 404], JSON.stringify(answer.body)).toContain(answer.status);
    expect(answer.body).toMatchObject(refusal);
    expect(String(answer.body["detail"])).not.toMatch(/SELECT|parquet|node_modules|\n\s+at /);
  }
  expect(served.faults).toEqual([]);
}

it("whatever stands in a URL is answered or refused, never a failure", async () => {
  const parameter = fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom("from", "until", "granularity", "zone", "by", "where", "orderBy", "limit", "limitPerWindow", "fill", "allowIncomplete", "split", "types", "topic") }, { weight: 1, arbitrary: text }), fc.oneof(text, fc.constantFrom("2026-05-20", "2026-05-20T12:00:00Z", "0000-01-01", "9999-12-31T23:59:59.999999999+23:59", "artist", "plays desc", "artist='", "song=' OR ''='", "__proto__=1", "zero", "true", "all", "hour", "1", "999999999999999", "Etc/GMT+5", "Pacific/Apia")));
  const view = fc.oneof({ weight: 8, arbitrary: fc.constantFrom("songs", "totals", "listens") }, { weight: 1, arbitrary: text });
  const path = fc.oneof(
    { weight: 8, arbitrary: view.map((name) => `/api/views/${encode(name)}/rows`) },
    { weight: 1, arbitrary: fc.constantFrom("/api/dead-letters", "/api/generations", "/api/lambda", "/api/trust") },
    { weight: 1, arbitrary: text.filter((name) => name !== "").map((name) => `/${encode(name)}`) },
  );
  await fc.assert(
    fc.asyncProperty(path, fc.array(parameter, { maxLength: 5 }), (at, parameters) => expectAnswerOrRefusal(`${at}?${parameters.map((pair) => pair.map(encode).join("=")).join("&")}`)),
    { numRuns: 200 },
  );
});

it("whatever stands in a body is answered or refused, never a failure", async () => {
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(NOON, -8.64e15, 8.64e15, 1e300, "2026-05-20", "UTC", "all", "artist"));
  const body = fc.oneof(
    { weight: 8, arbitrary: fc.dictionary(fc.oneof({ weight: 6, arbitrary: fc.constantFrom("from", "until", "granularity", "zone", "by", "where", "orderBy", "limit", "limitPerWindow", "fill", "allowIncomplete", "split") }, { weight: 1, arbitrary: text }), value, { maxKeys: 5 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 2, arbitrary: fc.record({ where: fc.dictionary(fc.oneof(text, fc.constantFrom("artist", "song", "paid", "userId", "seconds", "ts")), fc.oneof(value, fc.array(value, { maxLength: 3 })), { maxKeys: 3 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("songs", "totals", "listens"), body, (view, asked) =>
      expectAnswerOrRefusal(`/api/views/${view}/query`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) }),
    ),
    { numRuns: 200 },
  );
});


/** Also texts that have no UTF-8 form. */
const encode = (value: string): string => encodeURIComponent(Buffer.from(value).toString());
