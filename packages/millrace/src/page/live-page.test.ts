// The live page in a real browser, over lambdas on the embedded platform.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { count, countDistinct, createLambda, decimal, defineDashboard, defineModel, defineQuestion, defineStream, defineView, drivenClock, embedded, float64, int64, parameter, sql, sum, text, timestamp, type ServeOptions } from "millrace";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { launchBrowser } from "../../../../scripts/browser.mjs";
import { openProbe } from "./probe.js";

const orders = defineStream({
  topic: "orders",
  columns: { at: timestamp("ms"), shop: text(), state: text(), coupon: text().optional(), price: decimal(2), customer: int64() },
  eventTime: "at",
});
const sales = defineView({ name: "sales_minute", from: orders, by: ["shop", "state", "coupon"], every: "minute", measures: (c) => ({ orders: count(), revenue: sum(c.price), customers: countDistinct(c.customer) }) });
const hourly = defineView({ name: "sales_hour", from: orders, by: [], every: "hour", measures: () => ({ orders: count() }) });
const dashboard = defineDashboard({
  title: "Shops",
  zone: "America/New_York",
  panels: [
    { kind: "number", title: "Customers", view: sales, measure: "customers" },
    { kind: "trend", title: "Orders against before", view: sales, measure: "orders" },
    { kind: "time", title: "Orders", view: sales, measure: "orders", stack: "layers" },
    { kind: "time", title: "Orders by shop", view: sales, measure: "orders", stack: { by: "shop", limit: 2 }, style: "lines" },
    { kind: "top", title: "Top shops", view: sales, by: ["shop"], measure: "revenue", also: ["orders"] },
    { kind: "map", title: "States", view: sales, by: "state", measure: "orders" },
    { kind: "pie", title: "Coupons", view: sales, by: ["coupon"], measure: "orders", where: { state: ["CA", "NY"] } },
    { kind: "number", title: "Orders today", view: sales, measure: "orders", since: "day" },
    { kind: "bars", title: "Shops by state", view: sales, by: "state", measure: "orders", split: { by: "shop" }, style: "stacked" },
    { kind: "bars", title: "Shops", view: sales, by: "shop", measure: "orders", limit: 2, direction: "across" },
    { kind: "bars", title: "Nowhere", view: sales, by: "state", measure: "revenue", split: { by: "coupon" }, where: { shop: "nowhere" } },
  ],
});
const PANELS = dashboard.panels.length;
const factOrder = defineModel({
  name: "fact_order",
  from: { orders },
  columns: { part: int64(), pos: int64(), at: timestamp("ms"), customer: int64() },
  key: ["part", "pos"],
  partitioned: "date",
  sql: ({ orders: o }) => sql`select ${o._partition} as part, ${o._offset} as pos, ${o.at} as at, ${o.customer} as customer from ${o}`,
});
const shopOrders = defineQuestion({
  name: "shop_orders",
  doc: "The shops that sold most: `revenue` is what they took.",
  views: [sales],
  by: ["shop"],
  measures: ["orders", "revenue"],
  orderBy: "orders desc",
  limit: 2,
  granularity: "hour",
  parameters: { state: parameter.text({ doc: "only orders from this state", default: null }) },
  where: ({ state }) => (state === null ? {} : { state }),
});
const customerOrders = defineQuestion({
  name: "customer_orders",
  doc: "How much a customer orders.",
  from: { o: factOrder },
  columns: { orders: int64(), average: float64() },
  granularity: "hour",
  sql: ({ o }, _, asked) => sql`select ${asked.window(o.at)} as window_start, count(*) as orders, cast(count(*) as double) / count(distinct ${o.customer}) as average from ${o} where ${asked.within(o.at)} group by 1`,
});
const questions = [shopOrders, customerOrders] as const;

const NOW = Date.UTC(2026, 2, 1, 18, 30, 30);
const MINUTE = 60_000;
const STATES = ["CA", "NY", "TX", "ZZ"];
/** An order of so many minutes ago. */
const order = (minutesAgo: number, i: number) => ({ at: NOW - minutesAgo * MINUTE, shop: `shop ${i % 3}`, state: STATES[i % 4], coupon: i % 5 === 0 ? null : `C${i % 2}`, price: 1 + (i % 7) * 0.25, customer: i % 11 });
const lastHour = { from: NOW - 30_000 - 59 * MINUTE, until: NOW + 30_000 };
const en = (value: number) => new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value);

/** A page on a busy machine takes its time. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 30_000, interval: 50 });

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** A lambda whose speed layer runs, with orders in both layers, and a dead letter. */
async function openShops({ withDashboard = true, breakStore = () => false }: { readonly withDashboard?: boolean; readonly breakStore?: () => boolean } = {}) {
  const dir = await mkdtemp(path.join(tmpdir(), "millrace-page-"));
  const clock = drivenClock(NOW - 60 * MINUTE);
  const platform = embedded(dir, { newTopicPartitions: 2, clock });
  const store = new Proxy(platform.store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...parameters: unknown[]) => {
        if (String(name).startsWith("read") && breakStore()) throw Object.assign(new Error("the store is away"), { code: "STORE", retryable: true });
        return (member as (...given: unknown[]) => unknown).apply(target, parameters);
      };
    },
  });
  const lambda = createLambda({
    views: [sales, hourly],
    models: [factOrder],
    questions,
    platform: { ...platform, store },
    grid: { segmentOffsets: 20, segmentMs: 15 * MINUTE },
    sealGuardMs: 0,
    batchEveryMs: 3_600_000,
    ...(withDashboard ? { dashboard } : {}),
  });
  const stop = new AbortController();
  const running = Promise.all([lambda.speed({ signal: stop.signal }), lambda.ingest({ signal: stop.signal })]);
  await lambda.append(orders, Array.from({ length: 120 }, (_, i) => order(70 + (i % 30), i)));
  await lambda.append(orders, Array.from({ length: 120 }, (_, i) => order(20 + (i % 35), i)));
  await lambda.append(orders, ['{"at": "yesterday", "shop": "<b>shop</b>"}']);
  clock.advanceTo(NOW - 20 * MINUTE);
  await lambda.append(orders, Array.from({ length: 60 }, (_, i) => order(i % 15, i)));
  clock.advanceTo(NOW);
  await lambda.caughtUp();
  // Cut where the time of the log left a gap: the speed layer has sealed all before it, too, and can be compared with.
  const upTo = { cutAt: new Date(Date.UTC(2026, 2, 1, 18)) };
  await vi.waitFor(async () => expect((await lambda.batch.plan(upTo)).cut["orders"]?.reduce((all, { offset }) => all + offset, 0)).toBe(241), { timeout: 20_000, interval: 100 });
  await lambda.batch.run(upTo);
  return {
    lambda,
    serve: (options: ServeOptions = {}) => lambda.serve({ port: 0, pollMs: 50, ...options }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await lambda.close();
      await rm(dir, { recursive: true });
    },
  };
}

describe("over a lambda with a dashboard", () => {
  let shops: Awaited<ReturnType<typeof openShops>>;
  let broken = false;
  let url: string;
  beforeAll(async () => {
    shops = await openShops({ breakStore: () => broken });
    ({ url } = await shops.serve());
  });
  afterAll(() => shops?.[Symbol.asyncDispose]());
  const panel = (title: string) => `section.panel:has(h2:text-is("${title}"))`;

  it("shows exactly what `query` gives, of both layers", async () => {
    const { lambda } = shops;
    await using probe = await openProbe(browser, url);
    const { page } = probe;
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    expect(await page.title()).toBe("Shops");

    const total = await lambda.query(sales, { ...lastHour, by: [], granularity: "all" });
    expect(await page.locator(`${panel("Customers")} .figure`).textContent()).toBe(en(total.rows[0]!.customers));

    const whole = { from: NOW - 30_000 - 60 * MINUTE, until: NOW - 30_000 };
    const [now, before] = await Promise.all([whole, { from: whole.from - 60 * MINUTE, until: whole.from }].map((range) => lambda.query(sales, { ...range, by: [], granularity: "all" })));
    expect(await page.locator(`${panel("Orders against before")} .figure`).textContent()).toBe(en(now!.rows[0]!.orders));
    expect(await page.locator(`${panel("Orders against before")} .figure-note`).textContent()).toContain(`against ${en(before!.rows[0]!.orders)} before`);

    // Both layers have a part of the last hour, and none of it is lost between them.
    await page.getByRole("button", { name: "Orders as a table" }).click();
    const minutes = await lambda.query(sales, { ...lastHour, by: [], granularity: "minute", split: true, fill: "zero", orderBy: "window desc" });
    expect(minutes.rows).toHaveLength(60);
    expect(minutes.rows.some(({ split }) => split.orders!.batch !== null)).toBe(true);
    expect(minutes.rows.some(({ split }) => split.orders!.speed !== null)).toBe(true);
    const clock = (window: Date) => `1 Mar ${new Intl.DateTimeFormat("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" }).format(window)}`;
    expect(await probe.rows("Orders")).toEqual(minutes.rows.map(({ window, orders: n, split }) => [clock(window), en(split.orders!.batch ?? 0), en(split.orders!.speed ?? 0), en(n)]));

    const top = await lambda.query(sales, { ...lastHour, by: ["shop"], granularity: "all", orderBy: "revenue desc", limit: 10 });
    expect(await probe.rows("Top shops")).toEqual(top.rows.map(({ shop, revenue, orders: n }, i) => [`${i + 1}`, shop, en(n), en(revenue), ""]));

    await page.getByRole("button", { name: "Orders by shop as a table" }).click();
    const keys = (await lambda.query(sales, { ...lastHour, by: ["shop"], granularity: "all", orderBy: "orders desc", limit: 2 })).rows.map(({ shop }) => shop);
    const byShop = await lambda.query(sales, { ...lastHour, by: ["shop"], where: { shop: keys }, granularity: "minute", fill: "zero", orderBy: "window desc" });
    const cell = (window: Date, shop: string) => byShop.rows.find((row) => row.window.getTime() === window.getTime() && row.shop === shop)!.orders;
    expect(await probe.rows("Orders by shop")).toEqual(minutes.rows.map(({ window }) => [clock(window), ...keys.map((shop) => en(cell(window, shop))), en(keys.reduce((all, shop) => all + cell(window, shop), 0))]));

    // A code that no state has is told beside the map.
    const states = await lambda.query(sales, { ...lastHour, by: ["state"], granularity: "all", orderBy: "orders desc" });
    expect(await page.locator(`${panel("States")} .elsewhere`).textContent()).toBe(`Not on the map: ZZ ${en(states.rows.find(({ state }) => state === "ZZ")!.orders)}`);
    await page.getByRole("button", { name: "States as a table" }).click();
    const names: Record<string, string> = { CA: "California (CA)", NY: "New York (NY)", TX: "Texas (TX)", ZZ: "ZZ" };
    expect(await probe.rows("States")).toEqual(states.rows.map(({ state, orders: n }) => [names[state], en(n)]));

    const coupons = await lambda.query(sales, { ...lastHour, by: ["coupon"], where: { state: ["CA", "NY"] }, granularity: "all", orderBy: "orders desc" });
    const shares = await page.locator(`${panel("Coupons")} .shares tr`).evaluateAll((rows) => rows.map((row) => [...row.children].slice(0, 2).map((one) => one.textContent.trim())));
    expect(shares).toEqual(coupons.rows.map(({ coupon, orders: n }) => [coupon ?? "(none)", en(n)]));

    // Today began at midnight in New York.
    const today = await lambda.query(sales, { from: Date.UTC(2026, 2, 1, 5), until: NOW + 30_000, by: [], granularity: "all" });
    expect(await page.locator(`${panel("Orders today")} .figure`).textContent()).toBe(en(today.rows[0]!.orders));
    expect(await page.locator(`${panel("Orders today")} .figure-note`).textContent()).toBe("today, America/New York");

    const shopNames = ["shop 0", "shop 1", "shop 2"];
    const grid = (await lambda.query(sales, { ...lastHour, by: ["state", "shop"], granularity: "all" })).rows;
    await page.getByRole("button", { name: "Shops by state as a table" }).click();
    expect(await probe.rows("Shops by state")).toEqual(states.rows.map(({ state, orders: n }) => [state, ...shopNames.map((shop) => en(grid.find((row) => row.state === state && row.shop === shop)!.orders)), en(n)]));

    const largest = await lambda.query(sales, { ...lastHour, by: ["shop"], granularity: "all", orderBy: "orders desc", limit: 2, split: true });
    expect(await page.locator(`${panel("Shops")} [role=img]`).getAttribute("aria-label")).toBe(`Shops: ${largest.rows.map(({ shop, split }) => `${shop} Batch ${en(split.orders!.batch ?? 0)}, Speed ${en(split.orders!.speed ?? 0)}`).join("; ")}`);
    expect(await page.locator(`${panel("Nowhere")} .panel-body`).textContent()).toBe("No events in this range.");
    probe.expectClean();
  });

  it("keeps up with what is appended, several times a second, and moves what is there", async () => {
    const { lambda } = shops;
    await using probe = await openProbe(browser, url);
    const { page } = probe;
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    await page.evaluate(() => {
      for (const canvas of document.querySelectorAll("canvas")) canvas.dataset["kept"] = "yes";
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        for (const one of document.querySelectorAll<HTMLElement>(".panel")) if (one.dataset["state"] !== "answered") seen.push(one.dataset["state"] ?? "");
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    const figures: string[] = [];
    const drawn = await page.locator("canvas").count();
    for (let i = 0; i < 6; i++) {
      await lambda.append(orders, [{ ...order(0, i), shop: "shop 9", customer: 100 + i }]);
      await lambda.caughtUp();
      const { rows } = await lambda.query(sales, { ...lastHour, by: [], granularity: "all" });
      const expected = en(rows[0]!.customers);
      await eventually(() => page.locator(`${panel("Customers")} .figure`).textContent()).toBe(expected);
      figures.push(expected);
    }
    expect(new Set(figures).size).toBe(6);
    await eventually(async () => (await probe.rows("Top shops")).find(([, shop]) => shop === "shop 9")?.[2]).toBe("6");
    // Nothing was drawn anew and no panel went blank in between.
    expect(await page.locator("canvas[data-kept=yes]").count()).toBe(drawn);
    expect(await page.evaluate(() => (window as unknown as { readonly seen: string[] }).seen)).toEqual([]);
    probe.expectClean();
  });

  it("follows range, granularity and zone, which the address keeps", async () => {
    const { lambda } = shops;
    await using probe = await openProbe(browser, url, "#/views/sales_minute");
    const { page } = probe;
    await page.getByRole("button", { name: "The last 6 hours" }).click();
    await page.getByLabel("By", { exact: true }).selectOption("hour");
    await page.getByLabel("Zone").selectOption("Asia/Tokyo");
    await page.getByRole("button", { name: "Orders over time as a table" }).click();
    // 240 steps of 90 s become steps of the view's minutes: two of them.
    const until = Math.floor(NOW / (2 * MINUTE)) * 2 * MINUTE + 2 * MINUTE;
    const hours = await lambda.query(sales, { from: Math.floor((until - 360 * MINUTE) / 3_600_000) * 3_600_000, until, by: [], granularity: "hour", zone: "Asia/Tokyo", split: true, fill: "zero", orderBy: "window desc" });
    const label = (window: Date) => new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(window).replace(",", "");
    await eventually(() => probe.rows("Orders over time")).toEqual(hours.rows.map(({ window, orders: n, split }) => [label(window), en(split.orders!.batch ?? 0), en(split.orders!.speed ?? 0), en(n)]));
    expect(page.url()).toContain("last=21600000&granularity=hour&zone=Asia%2FTokyo");

    const address = page.url();
    await page.reload();
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBeGreaterThan(3);
    expect(page.url()).toBe(address);
    expect(await page.getByLabel("Zone").inputValue()).toBe("Asia/Tokyo");

    await page.getByRole("button", { name: "From … to" }).click();
    await page.getByLabel("From", { exact: true }).fill("2026-03-02T02:40");
    await page.getByLabel("to", { exact: true }).fill("2026-03-02T03:10");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    const fixed = await lambda.query(sales, { from: Date.UTC(2026, 2, 1, 17, 40), until: Date.UTC(2026, 2, 1, 18, 10), by: [], granularity: "all" });
    await eventually(() => page.locator(`${panel("Orders")} .figure`).textContent()).toBe(en(fixed.rows[0]!.orders));
    probe.expectClean();
  });

  it("filters by dimensions, typed or picked, and groups by what is chosen", async () => {
    const { lambda } = shops;
    await using probe = await openProbe(browser, url, "#/views/sales_minute");
    const { page } = probe;
    const figure = page.locator(`${panel("Orders")} .figure`);
    const ordersOf = async (where: object) => en((await lambda.query(sales, { ...lastHour, by: [], granularity: "all", where })).rows[0]!.orders);
    await page.getByLabel("Dimension").selectOption("coupon");
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await eventually(() => figure.textContent()).toBe(await ordersOf({ coupon: null }));
    await page.getByLabel("Dimension").selectOption("state");
    await page.getByLabel("Value").fill("NY");
    await page.getByLabel("Value").press("Enter");
    await eventually(() => figure.textContent()).toBe(await ordersOf({ coupon: null, state: "NY" }));
    await page.getByRole("button", { name: "Remove the filter coupon = " }).click();
    await eventually(() => figure.textContent()).toBe(await ordersOf({ state: "NY" }));
    await page.getByRole("checkbox", { name: "coupon" }).uncheck();
    await page.getByRole("checkbox", { name: "state" }).uncheck();
    const grouped = await lambda.query(sales, { ...lastHour, by: ["shop"], where: { state: "NY" }, granularity: "all", orderBy: "orders desc", limit: 20 });
    await eventually(() => probe.rows("Largest by shop")).toEqual(grouped.rows.map(({ shop, orders: n, revenue, customers }, i) => [`${i + 1}`, shop, en(revenue), en(customers), en(n), ""]));
    await page.getByRole("button", { name: "Only shop shop 1" }).click();
    await eventually(() => figure.textContent()).toBe(await ordersOf({ state: "NY", shop: "shop 1" }));
    probe.expectClean();
  });

  it("answers questions as `ask` does, as the address says, and follows what is new", async () => {
    const { lambda } = shops;
    await using probe = await openProbe(browser, url, "#/questions/customer_orders?last=21600000&zone=UTC", { expected: /Failed to load resource.*400/ });
    const { page } = probe;
    // Two minutes are the step of six hours; windows are whole.
    const until = Math.floor(NOW / (2 * MINUTE)) * 2 * MINUTE + 2 * MINUTE;
    const range = { from: Date.UTC(2026, 2, 1, 12), until };
    const hour = (window: Date) => `1 Mar ${String(window.getUTCHours()).padStart(2, "0")}:00`;
    const inHouse = await lambda.ask(customerOrders, range);
    expect(inHouse.rows.length).toBeGreaterThan(0);
    await eventually(() => probe.rows("Customer orders: rows")).toEqual(inHouse.rows.map(({ window, orders: n, average }) => [hour(window), en(n), en(average)]).reverse());
    expect(await page.title()).toBe("Customer orders · Shops");
    expect(await page.locator(".source summary").textContent()).toBe(`From generation 1, up to its cut; ${en(inHouse.envelope.behind)} records of the log not in it yet`);
    expect(await page.locator(".source li").allTextContents()).toEqual(inHouse.envelope.asOf.map(({ partition, offset }) => `orders partition ${partition}: cut at offset ${en(offset)}`));
    expect(await page.locator(".question .panel canvas").count()).toBe(1);
    await page.getByLabel("Chart").selectOption("average");
    await page.getByRole("heading", { name: "Average", level: 2 }).waitFor();
    expect(await page.locator(".question [role=img]").getAttribute("aria-label")).toMatch(/^Customer orders: \d windows by hour\. At 1 Mar \d\d:00: Average [\d.]+\.$/);

    // The other one, from its list, with parameters of its own.
    await page.getByRole("link", { name: /^Shop orders/ }).click();
    const rowsOf = async (asked: object) => (await lambda.ask("shop_orders", { ...range, ...asked })).rows.map(({ window, shop, orders: n, revenue }) => [...(window instanceof Date ? [hour(window)] : []), String(shop), en(n as number), en(revenue as number)]);
    const newestFirst = async (asked: object) => [...(await rowsOf(asked))].sort((a, b) => b[0]!.localeCompare(a[0]!));
    await eventually(() => probe.rows("Shop orders: rows")).toEqual(await newestFirst({}));
    expect(await page.locator(".view-head code").first().textContent()).toBe("revenue");
    await page.getByLabel("State").fill("NY");
    // What is new arrives while one types.
    await lambda.append(orders, [order(0, 1)]);
    await lambda.caughtUp();
    await eventually(() => probe.rows("Shop orders: rows")).toEqual(await newestFirst({}));
    expect(await page.getByLabel("State").inputValue()).toBe("NY");
    await page.getByLabel("State").press("Enter");
    await eventually(() => probe.rows("Shop orders: rows")).toEqual(await newestFirst({ state: "NY" }));
    await page.getByLabel("By", { exact: true }).selectOption({ label: "Total" });
    await eventually(() => probe.rows("Shop orders: rows")).toEqual(await rowsOf({ state: "NY", granularity: "all" }));
    expect(page.url()).toContain("#/questions/shop_orders?last=21600000&granularity=all&zone=UTC&ask.state=NY");
    const before = await probe.rows("Shop orders: rows");
    await lambda.append(orders, [order(0, 1), order(0, 1)]);
    await lambda.caughtUp();
    const after = await rowsOf({ state: "NY", granularity: "all" });
    expect(after).not.toEqual(before);
    await eventually(() => probe.rows("Shop orders: rows")).toEqual(after);

    // What is wrong takes the place of the numbers, until it is mended.
    await page.getByLabel("Rows a window").fill("few");
    await page.getByLabel("Rows a window").press("Enter");
    await eventually(() => page.locator(".question .refusal").textContent()).toBe('This cannot be askedlimit: a whole number is needed, not "few"');
    expect(await page.locator(".question canvas, .question tbody").count()).toBe(0);
    await page.getByLabel("Rows a window").fill("1");
    await page.getByLabel("Rows a window").press("Enter");
    await eventually(() => probe.rows("Shop orders: rows")).toEqual(after.slice(0, 1));
    await page.goto(`${url}/#/questions/shop_orders?ask.colour=red`);
    await eventually(() => page.locator(".question .refusal").textContent()).toContain('colour: no such parameter: "colour"');
    await page.goto(`${url}/#/questions/shop_order`);
    await page.getByText("There is no question “shop_order”.").waitFor();
    await page.getByRole("link", { name: "Dashboard" }).click();
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    await page.goBack();
    await page.goBack();
    await eventually(() => page.locator(".question .refusal").count()).toBe(1);
    probe.expectClean();
  });

  it("says why an answer is refused, in place of numbers, and shows them again once they can be had", async () => {
    await using probe = await openProbe(browser, url, "", { expected: /Failed to load resource.*(409|50[03])/ });
    const { page } = probe;
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    broken = true;
    try {
      await eventually(() => page.locator(".panel[data-state=refused]").count()).toBe(PANELS);
      expect(await page.locator(".figure").count()).toBe(0);
      expect(await page.locator("canvas").count()).toBe(0);
      expect(await page.locator(`${panel("Orders")} [role=alert]`).textContent()).toContain("Not answered: the speed layer's store cannot be read");
    } finally {
      broken = false;
    }
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);

    // A zone that the view's hours do not fit is refused with its reason, too.
    await page.goto(`${url}/#/views/sales_hour?zone=Asia%2FKolkata&granularity=hour`);
    await eventually(() => page.locator(`${panel("Orders over time")} .refusal`).textContent()).toMatch(/zone "Asia\/(Kolkata|Calcutta)".*no multiple of one hour/);
    probe.expectClean();
  });

  it("shows how far both layers are, the generations, and dead letters as they came", async () => {
    const { lambda } = shops;
    await using probe = await openProbe(browser, url, "#/trust");
    const { page } = probe;
    await page.getByText("orders/").first().waitFor();
    const { envelope } = await lambda.query(sales, { ...lastHour, by: [], granularity: "all" });
    const rows = await probe.rows("Partitions of orders");
    expect(rows.map(([partition, , cut, reach, end, behind]) => [partition, cut, reach, end, behind])).toEqual(
      envelope.asOf.map(({ partition, offset }) => [`${partition}`, en(envelope.cut["orders"]!.find((one) => one.partition === partition)!.offset), en(offset), en(offset), "0"]),
    );
    expect(await page.getByRole("img", { name: /^Partition 0: log from 0 to / }).getAttribute("aria-label")).toMatch(/cut at \d+, answers hold everything below \d+/);
    expect(await page.locator(".partition-bar .part.batch").count()).toBe(2);
    expect((await page.locator(".partition-bar .part.speed.open").count()) + (await page.locator(".partition-bar .part.speed.sealed").count())).toBeGreaterThan(1);
    const [generation] = await probe.rows("Generations").then((all) => all.slice(-1));
    expect(generation?.[0]).toBe("1served");
    expect(generation?.[5]).toMatch(/^none in [\d,]+ rows of 2 views$/);

    // The raw value is text, whatever it looks like.
    const letter = page.locator(".letters > li");
    expect(await letter.count()).toBe(1);
    await letter.locator("summary").click();
    expect(await letter.locator("pre").textContent()).toBe('{"at": "yesterday", "shop": "<b>shop</b>"}');
    expect(await letter.locator("summary").textContent()).toMatch(/^orders\/\d@\d+/);
    expect(await page.locator(`${panel("Dead letters")} .figure`).first().textContent()).toBe("1");
    probe.expectClean();
  });

  it.each([
    ["laptop", { width: 1_440, height: 900 }, "light"],
    ["laptop", { width: 1_440, height: 900 }, "dark"],
    ["phone", { width: 360, height: 740 }, "light"],
    ["phone", { width: 360, height: 740 }, "dark"],
  ] as const)("fits a %s of %o in the %s theme", async (_, viewport, colorScheme) => {
    await using probe = await openProbe(browser, url, "", { viewport, colorScheme });
    const { page } = probe;
    for (const hash of ["#/", "#/views/sales_minute", "#/questions/shop_orders?last=21600000", "#/trust"]) {
      await page.goto(`${url}/${hash}`);
      await page.locator(".panel").first().waitFor();
      await eventually(() => page.locator(".panel[aria-busy=true]").count()).toBe(0);
      const beyond = await page.evaluate(() =>
        document.documentElement.scrollWidth <= innerWidth
          ? []
          : [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => `${one.tagName}.${one.className.toString()}`).slice(0, 5),
      );
      expect(beyond).toEqual([]);
      // Text can be read: its contrast with what is behind it is that of WCAG AA.
      const [paper, ink, muted, card] = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return ["--paper", "--ink", "--muted", "--card"].map((name) => style.getPropertyValue(name).trim());
      });
      for (const [front, back] of [[ink, paper], [ink, card], [muted, paper], [muted, card]]) expect(contrast(front!, back!), `${front} on ${back}`).toBeGreaterThanOrEqual(4.5);
      expect(luminance(paper!) < 0.2).toBe(colorScheme === "dark");
    }
    probe.expectClean();
  });

  it("changes theme by its button, and remembers it", async () => {
    await using probe = await openProbe(browser, url);
    const { page } = probe;
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await paper();
    await page.getByRole("button", { name: /^Theme: as the system/ }).click();
    await page.getByRole("button", { name: /^Theme: light/ }).click();
    await eventually(paper).not.toBe(light);
    await page.reload();
    await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
    expect(await paper()).not.toBe(light);
    probe.expectClean();
  });

  it("can be used by keyboard alone, and names what it shows", async () => {
    await using probe = await openProbe(browser, url);
    const { page } = probe;
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
    for (let i = 0; i < 40 && (await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))) !== "Orders as a table"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await probe.rows("Orders")).toHaveLength(60);
    // Every control has a name, and every picture says what it shows.
    expect(await unnamed(page)).toEqual([]);
    expect(await page.getByRole("img", { name: /^Orders by shop: 60 windows by minute\. At 1 Mar 13:30: / }).count()).toBe(1);
    // From the pages' links to a question and into its answer.
    await page.getByRole("link", { name: "Questions" }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => page.locator(".question .panel[data-state=answered]").count()).toBe(1);
    for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement?.textContent.startsWith("Customer orders"))); i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Customer orders" }).waitFor();
    expect(await page.getByRole("link", { name: /^Customer orders/ }).getAttribute("aria-current")).toBe("page");
    await eventually(() => page.locator(".question .panel[data-state=answered]").count()).toBe(1);
    expect(await unnamed(page)).toEqual([]);
    probe.expectClean();
  });

  it("says when the connection is gone, and goes on once the server is back", async () => {
    const { lambda } = shops;
    const first = await shops.serve();
    const port = Number(new URL(first.url).port);
    await using probe = await openProbe(browser, first.url, "", { expected: /Failed to load resource|ERR_(CONNECTION|INCOMPLETE|EMPTY)/ });
    const { page } = probe;
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    await first.close();
    await eventually(() => page.getByRole("alert").first().textContent()).toMatch(/^Not connected: the numbers are as of 1 Mar 2026, 13:30:30/);
    await lambda.append(orders, [{ ...order(0, 0), customer: 900 }]);
    await lambda.caughtUp();
    await using second = await shops.serve({ port });
    expect(second.url).toBe(first.url);
    const { rows } = await lambda.query(sales, { ...lastHour, by: [], granularity: "all" });
    await eventually(() => page.locator(`${panel("Customers")} .figure`).textContent()).toBe(en(rows[0]!.customers));
    expect(await page.getByText("Not connected").count()).toBe(0);
    probe.expectClean();
  });

  it("asks for the token, keeps it for the tab, and sends it with every request", async () => {
    await using server = await shops.serve({ token: "open-sesame" });
    await using probe = await openProbe(browser, server.url, "", { expected: /401/ });
    const { page } = probe;
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Open" }).click();
    expect(await page.getByRole("alert").textContent()).toBe("The server does not take this token.");
    await page.getByLabel("Token").fill("open-sesame");
    await page.getByRole("button", { name: "Open" }).click();
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    await page.reload();
    await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(PANELS);
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([1, 0]);
    expect(page.url()).not.toContain("sesame");
    probe.expectClean();
  });

  it("is served under a policy that lets nothing in from elsewhere", async () => {
    const response = await fetch(`${url}/`);
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await response.text();
    expect(html).not.toMatch(/<script>|<style|style=|\son\w+=|https?:/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    const sizes = await Promise.all(files.map(async (file) => {
      const { status, headers } = await fetch(`${url}${file}`);
      return { status, encoding: headers.get("content-encoding"), cache: headers.get("cache-control"), bytes: Number(headers.get("content-length")) };
    }));
    expect(sizes.map(({ status, encoding, cache }) => [status, encoding, cache])).toEqual(files.map(() => [200, "gzip", "public, max-age=31536000, immutable"]));
    // Scripts and styles, as they are sent.
    expect(sizes.reduce((all, { bytes }) => all + bytes, 0)).toBeLessThan(300_000);
    expect((await fetch(`${url}/assets/..%2f..%2fpackage.json`)).status).toBe(404);
    expect((await fetch(`${url}/assets/nothing.js`)).status).toBe(404);
  });
});

it("shows any lambda without a declaration, and says what its answers lack", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "millrace-page-"));
  await using lambda = createLambda({ views: [sales, hourly], models: [factOrder], questions, platform: embedded(dir, { newTopicPartitions: 1, clock: drivenClock(NOW) }), grid: { segmentOffsets: 1 }, sealGuardMs: 0 });
  await lambda.append(orders, [order(1, 1), order(2, 2)]);
  await using server = await lambda.serve({ port: 0, pollMs: 50 });
  await using probe = await openProbe(browser, server.url, "", { expected: /Failed to load resource.*503/ });
  const { page } = probe;
  // Nobody has read the records yet: that is said above every number.
  await eventually(() => page.locator(".panel[data-state=answered]").count()).toBe(3);
  expect(await page.locator(".panel .incomplete summary").allTextContents()).toEqual(Array.from({ length: 3 }, () => "Not complete: no worker has read these records yet"));
  await eventually(() => page.locator(".trust-line strong").textContent()).toBe("Not complete: orders");

  const stop = new AbortController();
  const running = Promise.all([lambda.speed({ signal: stop.signal }), lambda.ingest({ signal: stop.signal })]);
  await lambda.caughtUp();
  await eventually(() => page.locator(".panel .incomplete").count()).toBe(0);
  expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["Sales minute", "Sales minute: largest", "Sales hour"]);
  await eventually(() => probe.rows("Sales minute: largest")).toEqual([
    ["1", "shop 1", "NY", "C1", "1.25", "1", "1", ""],
    ["2", "shop 2", "TX", "C0", "1.5", "1", "1", ""],
  ]);
  await page.getByLabel("Views").selectOption("sales_hour");
  await eventually(() => page.locator(".view-head h2").textContent()).toBe("Sales hour");
  await eventually(() => page.locator(".figure").textContent()).toBe("2");

  // A question over the warehouse waits for a generation, and is answered once there is one.
  await page.getByRole("link", { name: "Questions" }).click();
  await page.getByRole("link", { name: /^Customer orders/ }).click();
  await eventually(() => page.locator(".question .refusal").textContent()).toMatch(/^Not answered yet: no generation has this table.*The page asks again by itself\.$/);
  await vi.waitFor(async () => expect((await lambda.batch.plan()).cut["orders"]?.[0]?.offset).toBe(1), { timeout: 20_000, interval: 100 });
  await lambda.batch.run();
  await eventually(() => page.locator(".source summary").textContent()).toBe("From generation 1, up to its cut; 1 record of the log not in it yet");
  expect(await probe.rows("Customer orders: rows")).toEqual([["1 Mar 13:00", "1", "1"]]);
  probe.expectClean();
  stop.abort();
  await running;
  await rm(dir, { recursive: true });
});

/** Controls without a name, and pictures that do not say what they show. */
const unnamed = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, a, input, select, [role=img]")]
      .filter((one) => !(one.getAttribute("aria-label") ?? one.textContent).trim() && (one as HTMLInputElement).labels?.length !== 1)
      .map((one) => one.outerHTML.slice(0, 100)),
  );

/** Relative luminance of `#rrggbb`, and contrast, as WCAG 2 defines them. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
