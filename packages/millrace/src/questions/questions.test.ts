import { count, defineModel, defineQuestion, defineStream, defineView, float64, int64, parameter, sql, text, timestamp } from "@millrace/core";
import { createClient } from "@millrace/serving-layer/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLambda } from "../lambda/create-lambda.js";
import { memoryPlatform } from "../testing/memory-platform.js";
import { testLambda } from "../testing/test-lambda.js";

const plays = defineStream({ topic: "plays", columns: { ts: timestamp("iso"), song: text(), user: int64() }, eventTime: "ts" });
const perHour = defineView({ name: "per_hour", from: plays, by: ["song"], every: "hour", measures: () => ({ plays: count() }) });
const perSecond = defineView({ name: "per_second", from: plays, by: ["song", "user"], every: "second", measures: () => ({ plays: count(), more: count() }) });
const factPlay = defineModel({
  name: "fact_play",
  from: { plays },
  columns: { at: int64(), ts: timestamp("ms"), song: text(), user_id: int64() },
  key: ["at"],
  partitioned: "date",
  sql: ({ plays: p }) => sql`select ${p._offset} as at, ${p.ts} as ts, ${p.song} as song, ${p.user} as user_id from ${p}`,
});
const topSongs = defineQuestion({
  name: "top_songs",
  doc: "The songs that were played most.",
  views: [perHour, perSecond],
  by: ["song"],
  measures: ["plays"],
  orderBy: "plays desc",
  limit: 1,
  granularity: "hour",
  parameters: { song: parameter.text({ doc: "only this one", default: null }) },
  where: ({ song }) => (song === null ? {} : { song }),
});
const listeners = defineQuestion({
  name: "listeners",
  doc: "Who listened, and how much.",
  from: { p: factPlay },
  columns: { user: int64(), last: timestamp("ms"), average: float64().optional() },
  orderBy: "last desc",
  granularity: "day",
  parameters: { least: parameter.count({ doc: "plays of a song", default: 1 }) },
  sql: ({ p }, _, asked) => sql`
    select ${asked.window(p.ts)} as window_start, ${p.user_id} as "user", max(${p.ts}) as last,
           case when count(*) > 1 then cast(count(*) as double) / count(distinct ${p.song}) end as average
    from ${p} where ${asked.within(p.ts)} group by 1, 2 having count(*) >= ${asked.parameters.least}`,
});
const definition = { views: [perHour, perSecond], models: [factPlay], questions: [topSongs, listeners] } as const;

const play = (time: string, song: string, user: number) => ({ ts: `2026-03-01T${time}Z`, song, user });
const day = { from: new Date("2026-03-01"), until: new Date("2026-03-02") };
const at = (time: string) => new Date(`2026-03-01T${time}Z`);

async function opened() {
  const test = await testLambda({ ...definition, partitions: 1, startAt: day.from, grid: { segmentMs: 60_000 } });
  onTestFinished(() => test.close());
  await test.advance("1 second");
  await test.events(plays, [play("00:00:00", "a", 1), play("00:00:00", "b", 2), play("00:00:01", "b", 1)]);
  return test;
}

describe("questions", () => {
  it("over views hold all that the log holds, to the second, and over models what is below the cut", async () => {
    const test = await opened();
    await test.caughtUp();
    const { lambda } = test;
    expect((await lambda.ask(topSongs, day)).rows).toEqual([{ window: at("00:00:00"), song: "b", plays: 2 }]);
    expect((await lambda.ask(topSongs, { ...day, limit: 5, granularity: "all" })).rows).toEqual([{ song: "b", plays: 2 }, { song: "a", plays: 1 }]);
    // An hour's view could not tell this range.
    const second = { from: at("00:00:00"), until: at("00:00:01"), limit: 2 };
    expect((await lambda.ask(topSongs, second)).rows).toEqual([{ window: at("00:00:00"), song: "a", plays: 1 }, { window: at("00:00:00"), song: "b", plays: 1 }]);
    expect((await lambda.ask("top_songs", { ...day, granularity: "second", song: "b" })).rows).toEqual([{ window: at("00:00:00"), song: "b", plays: 1 }, { window: at("00:00:01"), song: "b", plays: 1 }]);

    await expect(lambda.ask(listeners, day)).rejects.toMatchObject({ code: "TABLE_NOT_BUILT", message: 'reading table "fact_play": no generation was published yet' });
    await test.advance("2 minutes");
    await test.publish();
    await test.events(plays, [play("00:02:00", "c", 3), play("00:02:01", "a", 3)]);
    await test.caughtUp();
    const answer = await test.lambda.ask(listeners, day);
    expect(answer.rows).toEqual([
      { window: day.from, user: 1, last: at("00:00:01"), average: 1 },
      { window: day.from, user: 2, last: at("00:00:00"), average: null },
    ]);
    expect(answer.envelope).toMatchObject({ generation: 1, complete: true, provisional: true, behind: 2, asOf: [{ topic: "plays", partition: 0, logVersion: 1_024, offset: 3 }], watermark: at("00:00:01").getTime() });
    expect((await test.lambda.ask(listeners, { ...day, least: 2, granularity: "all" })).rows).toEqual([{ user: 1, last: at("00:00:01"), average: 1 }]);
    // A day of Honolulu began ten hours after that of UTC.
    expect((await test.lambda.ask(listeners, { ...day, zone: "Pacific/Honolulu", limit: 1 })).rows).toEqual([{ window: new Date("2026-02-28T10:00:00Z"), user: 1, last: at("00:00:01"), average: 1 }]);
    expect((await test.lambda.ask(listeners, { from: day.until, until: at("23:00:00").getTime() + 86_400_000 })).rows).toEqual([]);
    expect((await test.lambda.ask(listeners, { from: at("00:00:00"), until: at("00:00:01") })).envelope.provisional).toBe(true);
    expect((await test.lambda.ask(topSongs, day)).envelope).toMatchObject({ behind: 0, generation: 1 });
  });

  it("refuse what they do not take, with every mistake", async () => {
    const { lambda } = await opened();
    const wrong = { from: day.until, until: day.from, granularity: "decade", zone: "Mars", limit: 0, song: 5, sogn: "x" };
    await expect(lambda.ask("top_songs", wrong)).rejects.toMatchObject({
      code: "QUESTION",
      problems: [
        { path: "sogn", message: 'no such parameter: "sogn"; did you mean "song"?' },
        { path: "until", message: "must lie after `from`" },
        { path: "granularity", message: '"decade" is none of "second", "minute", "hour", "day", "week", "month", "year", "all"' },
        { path: "zone", message: '"Mars" is not an IANA time zone such as "America/New_York"' },
        { path: "limit", message: "must be a whole number of at least 1, not 0" },
        { path: "song", message: "must be a text, not 5" },
      ],
    });
    await expect(lambda.ask("listeners", { ...day, least: -1 })).rejects.toThrow("least: must be a whole number of 0 or more, not -1");
    await expect(lambda.ask("top", day)).rejects.toThrow('there is no "top"; there is "top_songs", "listeners"');
    await expect(lambda.ask("top_songs", { from: "2026-03-01" })).rejects.toThrow('from: must be a valid Date, or epoch milliseconds, not "2026-03-01"');
  });

  it("are listed and answered over HTTP", async () => {
    const test = await opened();
    await test.caughtUp();
    await using server = await test.lambda.serve({ port: 0 });
    const get = async (path: string) => {
      const response = await fetch(`${server.url}${path}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const listed = await get("/api/questions");
    expect(listed).toMatchObject({
      status: 200,
      body: {
        questions: [
          {
            name: "top_songs",
            doc: "The songs that were played most.",
            answeredBy: "views",
            from: ["per_hour", "per_second"],
            granularity: "hour",
            limit: 1,
            parameters: [{ name: "song", kind: "text", doc: "only this one", default: null }],
            columns: [{ name: "window", type: "timestamp", nullable: false }, { name: "song", type: "text", nullable: false }, { name: "plays", type: "count", nullable: false }],
          },
          { name: "listeners", answeredBy: "warehouse", from: ["fact_play"], limit: null, columns: [{}, { name: "user", type: "int64" }, { name: "last", type: "timestamp" }, { name: "average", type: "float64", nullable: true }] },
        ],
      },
    });
    const answered = await get("/api/questions/top_songs?from=2026-03-01&until=2026-03-02&granularity=all&song=a&types=true");
    expect(answered).toMatchObject({ status: 200, body: { rows: [{ song: "a", plays: 1 }], envelope: { complete: true }, types: {} } });
    expect((await get("/api/questions/top_songs?from=2026-03-01&until=2026-03-02&types=true")).body).toMatchObject({ rows: [{ window: "2026-03-01T00:00:00.000Z", song: "b", plays: 2 }], types: { window: "instant" } });
    expect(await get("/api/questions/top_songs?from=yesterday&limit=x&limit=y&least=1")).toMatchObject({
      status: 400,
      body: { code: "QUESTION", problems: [{ path: "from", message: 'an ISO instant with its zone, such as 2025-01-06T00:00:00Z, is needed, not "yesterday"' }, { path: "limit", message: "is given more than once" }] },
    });
    expect(await get("/api/questions/top_songs?types=2")).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
    expect(await get("/api/questions/topsongs")).toMatchObject({ status: 404, body: { code: "UNKNOWN_QUESTION", detail: 'asking question "topsongs"; did you mean "top_songs"?' } });
    expect(await get("/api/questions/listeners")).toMatchObject({ status: 503, body: { code: "TABLE_NOT_BUILT" } });
    expect((await get("/openapi.json")).body).toMatchObject({ paths: { "/api/questions": {}, "/api/questions/{question}": {} } });
  });

  it("are answered to the typed client as to a program", async () => {
    const test = await opened();
    await test.caughtUp();
    await test.advance("2 minutes");
    await test.publish();
    await test.events(plays, [play("00:02:00", "c", 3)]);
    await test.caughtUp();
    const { lambda } = test;
    await using server = await lambda.serve({ port: 0 });
    const { url } = server;
    const show = (line: string) => void shown.push(line);
    const shown: string[] = [];
    // region client
    const client = createClient<typeof definition>(url);
    const best = await client.ask("top_songs", { ...day, granularity: "all", limit: 1 });
    for (const { song, plays: n } of best.rows) show(`${song} was played ${n} times`);
    // endregion
    expect(shown).toEqual(["b was played 2 times"]);
    expect((await client.questions()).map(({ name, granularity }) => [name, granularity])).toEqual([["top_songs", "hour"], ["listeners", "day"]]);
    const asked = { ...day, granularity: "minute", zone: "Asia/Kolkata", limit: 2, song: "b" } as const;
    const songs = await client.ask("top_songs", asked);
    expect(songs.rows).toEqual([{ window: day.from, song: "b", plays: 2 }]);
    expect(songs).toEqual(await lambda.ask(topSongs, asked));
    const total = await client.ask(topSongs, { from: day.from.getTime(), until: day.until.getTime(), granularity: "all", song: null });
    expect(total.rows).toEqual([{ song: "b", plays: 2 }]);
    expect(total).toEqual(await lambda.ask(topSongs, { ...day, granularity: "all" }));
    const users = await client.ask("listeners", { ...day, least: 1 }, { signal: new AbortController().signal });
    expect(users.rows[0]).toEqual({ window: day.from, user: 1, last: at("00:00:01"), average: 1 });
    const inProcess = await lambda.ask(listeners, day);
    expect(users).toEqual({ ...inProcess, envelope: { ...inProcess.envelope, staleMs: expect.any(Number) as number } });
    // Refusals have the code that they have in the process.
    await expect(client.ask("listeners", { ...day, least: -1, granularity: "decade" as "day" })).rejects.toMatchObject({ code: "QUESTION", status: 400, problem: { problems: [{ path: "least" }] } });
    await expect(client.ask("top_songs", { from: Number.NaN, until: day.until })).rejects.toMatchObject({ code: "QUESTION", problem: { problems: [{ path: "from" }] } });
    await expect(client.ask("top_song" as "top_songs", day)).rejects.toMatchObject({ code: "UNKNOWN_QUESTION", status: 404 });
    await expect(client.ask("top_songs", day, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  it("need a lambda that has what they are answered from", () => {
    const platform = memoryPlatform();
    expect(() => createLambda({ views: [perHour], questions: [topSongs, listeners, topSongs], platform })).toThrow(
      [
        "creating a lambda:",
        'questions: the name "top_songs" is used twice',
        'questions[0]: "top_songs" is answered from the view "per_second"; there is "per_hour": the lambda needs it',
        'questions[1]: "listeners" is answered from the model "fact_play"; there is none: the lambda needs it',
        'questions[2]: "top_songs" is answered from the view "per_second"; there is "per_hour": the lambda needs it',
      ].join("\n  "),
    );
  });
});
