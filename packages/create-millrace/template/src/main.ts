import { setTimeout as delay } from "node:timers/promises";
import { stopSignal } from "millrace";
import { orders } from "./orders.js";
import { sales } from "./sales.js";
import { shop } from "./shop.js";

const signal = stopSignal();
const layers = shop.dev({ signal });
const server = await shop.serve({ signal });
console.log(`orders flow; look at ${server.url}, and stop with Ctrl-C`);

const items = { rope: 12.5, lamp: 30, map: 4.2, anchor: 99.99 };
for (let n = 1; !signal.aborted; n++) {
  const [item, price] = Object.entries(items)[Math.floor(Math.random() * 4)]!;
  await shop.append(orders, [{ at: new Date(), shop: n % 3 === 0 ? "station" : "harbour", item, price, ...(n % 10 === 0 ? { coupon: "SPRING" } : {}) }]);
  if (n % 25 === 0) {
    const answer = await shop.query(sales, { from: Date.now() - 3_600_000, until: Date.now() + 60_000, granularity: "all", by: ["shop"], orderBy: "revenue desc" });
    console.table(answer.rows);
  }
  await delay(200, undefined, { signal }).catch(() => undefined);
}
await Promise.all([layers, server.closed]);
await shop.close();
