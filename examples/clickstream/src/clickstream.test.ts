import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { testLambda } from "millrace/testing";
import { deliver } from "millrace";
import { expect, it, onTestFinished } from "vitest";
import { clicks, funnel, sessions, traffic } from "./clickstream.js";
import { csvFileSink } from "./csv-file-sink.js";

const click = (time: string, kind: string, session: string, page: string, more: object = {}) => ({
  event: { time: `2026-03-01T${time}Z`, kind },
  session: { id: session, country: "DE", user: { id: 7 } },
  page: { path: page, title: "not declared" },
  ...more,
});
const day = { from: new Date("2026-03-01"), until: new Date("2026-03-02") };

it("counts traffic and the funnel, keeps sessions, and writes purchases as CSV, through a crash and a replay", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "clickstream-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await using test = await testLambda({
    views: [traffic, funnel],
    models: [sessions],
    outputs: [deliver(clicks, csvFileSink(folder, ["at", "session", "page"]), (row) => (row.kind === "purchase" ? row : undefined))],
    partitions: 1,
    startAt: day.from,
  });

  await test.events(clicks, [
    click("10:00:01", "view", "a", "/", { timing: { loadMs: 120 } }),
    click("10:00:09", "view", "b", "/", { timing: { loadMs: 480 } }),
    click("10:00:30", "view", "a", "/pricing"),
    { event: { kind: "view" } }, // without a time: a dead letter
  ]);
  await test.crash({ method: "store.writeProgress" });
  await test.caughtUp();
  await test.advance("20 minutes");
  await test.publish();
  await test.events(clicks, [click("10:00:40", "purchase", "a", "/buy, now")]);
  await test.advance("2 seconds");
  await test.events(clicks, [click("10:00:59", "view", "c", "/")]); // late, and counted
  await test.replay();

  await test.expectAnswer(traffic, { ...day, by: ["page"], orderBy: "views desc", granularity: "all" }, [
    { page: "/", views: 3, sessions: 3, p95LoadMs: 120.31456328864437 },
    { page: "/pricing", views: 1, sessions: 1, p95LoadMs: null },
  ]);
  await test.expectAnswer(funnel, { ...day, granularity: "all" }, [
    { kind: "purchase", events: 1, visitors: 1, members: 1 },
    { kind: "view", events: 4, visitors: 3, members: 1 },
  ]);
  await test.expectExact();

  const rows = [];
  for await (const row of test.lambda.table(sessions)) rows.push(row);
  expect(rows).toEqual([
    { session: "a", began: new Date("2026-03-01T10:00:01Z"), pages: 2, bought: 0 },
    { session: "b", began: new Date("2026-03-01T10:00:09Z"), pages: 1, bought: 0 },
  ]);
  const [file] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".csv"));
  expect(await readFile(path.join(folder, file!), "utf8")).toBe('at,session,page\n2026-03-01T10:00:40.000Z,a,"/buy, now"\n');
});
