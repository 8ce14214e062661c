// The examples in numbers of docs/concepts: what the pages and their pictures say is what the code does.
import { expect, it } from "vitest";
import { count, decimal, defineStream, defineView, opensSegment, sum, text, timestamp, walkChain } from "millrace";
import { testLambda } from "millrace/testing";

const minute = (time: string): number => Date.parse(`2026-03-01T${time}:00Z`);

it("segments: offsets 0, 4, 5 and 8 begin one", () => {
  const grid = { segmentOffsets: 4, segmentMs: 15 * 60_000 };
  const appended = ["10:02", "10:04", "10:07", "10:09", "10:10", "10:16", "10:17", "10:20", "10:21", "10:22"].map(minute);
  const begun = [0];
  let open = { first: 0, firstAppendedAt: appended[0]! };
  appended.forEach((appendedAt, offset) => {
    if (offset === 0 || !opensSegment(grid, open, offset - 1, offset, appendedAt)) return;
    begun.push(offset);
    open = { first: offset, firstAppendedAt: appendedAt };
  });
  expect(begun).toEqual([0, 4, 5, 8]);
});

it("chain: reaches 230, or 150 with a row beyond it", () => {
  const link = (first: number, previous: number, until: number, sealed: boolean) => ({ segment: { topic: "orders", logVersion: 1_024, partition: 0, first }, previous, until, sealed });
  const links = [link(100, 100, 150, true), link(150, 150, 200, true), link(200, 200, 230, false)];
  expect(walkChain(links, 100)).toMatchObject({ links, reach: 230, brokenAt: undefined });
  expect(walkChain([links[0]!, links[2]!], 100)).toMatchObject({ links: [links[0]], reach: 150, brokenAt: 230 });
});

const orders = defineStream({ topic: "orders", columns: { at: timestamp("iso"), shop: text(), price: decimal(2) }, eventTime: "at" });
const sales = defineView({ name: "sales", from: orders, by: ["shop"], every: "minute", measures: (c) => ({ orders: count(), revenue: sum(c.price) }) });
const order = (time: string) => ({ at: `2026-03-01T${time}:00Z`, shop: "harbour", price: 1 });
const day = { from: new Date("2026-03-01"), until: new Date("2026-03-02"), granularity: "all" } as const;

it("offset cut: four below the cut and four above are eight", async () => {
  await using test = await testLambda({ views: [sales], startAt: new Date(minute("10:05")), partitions: 1, grid: { segmentOffsets: 4 } });
  await test.events(orders, ["10:00", "10:01", "10:01", "10:02"].map(order));
  await test.events(orders, ["10:03"].map(order));
  await test.publish();
  await test.events(orders, ["10:01", "10:04", "10:03"].map(order));
  const { rows, envelope } = await test.query("sales", day);
  expect(rows).toEqual([{ shop: "harbour", orders: 8, revenue: 8 }]);
  expect(envelope).toMatchObject({ generation: 1, cut: { orders: [{ partition: 0, offset: 4 }] } });
});

it("crash: five plays stay five", async () => {
  await using test = await testLambda({ views: [sales], startAt: new Date(minute("10:00")), partitions: 1 });
  await test.crash({ method: "store.writeProgress" });
  await test.events(orders, Array.from({ length: 5 }, () => order("10:00")));
  await test.expectAnswer("sales", day, [{ shop: "harbour", orders: 5, revenue: 5 }]);
});

it("lateness: final until 10:03, and the late event counts", async () => {
  await using test = await testLambda({ views: [sales], startAt: new Date(minute("10:00")), partitions: 1 });
  for (const time of ["10:00", "10:01", "10:02", "10:03", "10:04"]) {
    await test.events(orders, [order(time)]);
    await test.advance("1 minute");
  }
  const until = async (time: string) => (await test.query("sales", { from: day.from, until: new Date(minute(time)), granularity: "all" })).envelope;
  expect(await until("10:03")).toMatchObject({ watermark: minute("10:04"), provisional: false, late: 0 });
  expect(await until("10:05")).toMatchObject({ provisional: true });
  await test.events(orders, [order("10:01")]);
  const { rows, envelope } = await test.query("sales", { from: new Date(minute("10:01")), until: new Date(minute("10:02")) });
  expect(rows).toEqual([{ window: new Date(minute("10:01")), shop: "harbour", orders: 2, revenue: 2 }]);
  expect(envelope).toMatchObject({ late: 1, provisional: false });
});
