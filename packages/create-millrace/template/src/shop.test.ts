import { testLambda } from "millrace/testing";
import { expect, it } from "vitest";
import { dailyShops } from "./daily-shops.js";
import { orders } from "./orders.js";
import { sales } from "./sales.js";

const day = { from: new Date("2026-03-01"), until: new Date("2026-03-02") };

it("counts every order once, through a crash, a late order and a recomputation", async () => {
  await using test = await testLambda({ views: [sales], models: [dailyShops], startAt: day.from });
  await test.events(orders, [
    { at: "2026-03-01T10:00:05Z", shop: "harbour", item: "rope", price: 12.5 },
    { at: "2026-03-01T10:00:40Z", shop: "harbour", item: "lamp", price: 30, coupon: "SPRING" },
    "this is not an order",
  ]);
  await test.crash({ method: "store.writeProgress" });
  await test.caughtUp();

  // Time is virtual. A quarter of an hour later the segment is sealed, and a generation recomputes the views and tables.
  await test.advance("20 minutes");
  await test.publish();
  await test.events(orders, [{ at: "2026-03-01T10:00:59Z", shop: "harbour", item: "lamp", price: 30 }]);

  await test.expectAnswer(sales, { ...day, granularity: "all", orderBy: "revenue desc" }, [
    { shop: "harbour", item: "lamp", orders: 2, revenue: 60, dearest: 30, discounted: 1 },
    { shop: "harbour", item: "rope", orders: 1, revenue: 12.5, dearest: 12.5, discounted: 0 },
  ]);
  await test.expectExact();

  const rows = [];
  for await (const row of test.lambda.table(dailyShops)) rows.push(row);
  expect(rows).toEqual([{ shop: "harbour", orders: 2, revenue: 42.5 }]);
});
