import { count, defineStream, defineView, text, timestamp } from "@millrace/core";
import { memoryWorkerGroup } from "@millrace/core/memory";
import { expect, it } from "vitest";
import { memoryPlatform } from "../testing/memory-platform.js";
import { createLambda } from "./create-lambda.js";

const clicks = defineStream({ topic: "clicks", columns: { at: timestamp("ms"), page: text() }, eventTime: "at" });
const clicksByPage = defineView({ name: "clicks_by_page", from: clicks, by: ["page"], every: "minute", measures: () => ({ clicks: count() }) });

it("runs the speed layer in as many processes as one likes where the platform has a worker group", async () => {
  const platform = memoryPlatform({ partitions: 4 });
  const workers = memoryWorkerGroup(platform.log);
  const told: string[] = [];
  const start = () => createLambda({ views: [clicksByPage], platform: { ...platform, workers: workers.another() }, telemetry: (event) => event.type === "PartitionsShared" && told.push(`${event.group.replace(/-\w+$/, "")}: ${event.owned.join(" ")}`) });
  const [one, two] = [start(), start()];
  const stops = [new AbortController(), new AbortController()];
  const at = platform.clock.now();
  await one.append(clicks, Array.from({ length: 40 }, (_, n) => ({ at, page: `page ${n % 3}` })));
  const running = [one, two].map((lambda, n) => lambda.speed({ signal: stops[n]!.signal }));
  const caughtUp = Promise.all([one, two].map((lambda) => lambda.caughtUp()));
  await platform.clock.advance(5_000);
  await caughtUp;
  const partitions = [one, two].map((lambda) => lambda.layers.speed().status().partitions.map(({ partition }) => partition).sort());
  expect(partitions).toEqual([[0, 2], [1, 3]]);
  const { rows, envelope } = await two.query(clicksByPage, { from: new Date(at - 60_000), until: new Date(at + 60_000), granularity: "all", orderBy: "page" });
  expect(rows.map(({ page, clicks: n }) => [page, n])).toEqual([["page 0", 14], ["page 1", 13], ["page 2", 13]]);
  expect(envelope.complete).toBe(true);
  expect(two.describe().platform).toMatchObject({ workers: "memory" });
  expect(told.slice(-2).sort()).toEqual(["millrace-speed: clicks-0 clicks-2", "millrace-speed: clicks-1 clicks-3"]);

  stops[1]!.abort();
  await running[1];
  await platform.clock.advance(5_000);
  expect(one.layers.speed().status().partitions).toHaveLength(4);
  stops[0]!.abort();
  await running[0];
  await one.close();
});
