import { avg, count, countDistinct, decimal, defineModel, defineStream, defineView, int64, sql, sum, text, timestamp } from "@millrace/core";

const columns = { at: timestamp("ms"), shop: text().optional(), price: decimal(2) };

export const orders = defineStream({ topic: "orders", columns, eventTime: "at" });
/** With a column that the records have had all along. */
export const withUser = defineStream({ topic: "orders", columns: { ...columns, user: int64().optional() }, eventTime: "at" });
/** Prices that are text are no dead letters any more. */
export const withAnyPrice = defineStream({
  topic: "orders",
  columns,
  eventTime: "at",
  decode: (value) => {
    const record = JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;
    return { ...record, price: Number(record["price"]) };
  },
  decoderVersion: 2,
});

type Orders = typeof orders;

export const sales = (from: Orders = orders) => defineView({ name: "sales", from, by: ["shop"], every: "minute", measures: (c) => ({ n: count(), revenue: sum(c.price) }) });
export const big = (from: Orders = orders) => defineView({ name: "big", from, where: (c) => c.price.gt(20), by: [], every: "hour", measures: (c) => ({ n: count(), mean: avg(c.price) }) });
/** `big` with another filter. */
export const bigger = () => defineView({ name: "big", from: orders, where: (c) => c.price.gt(30), by: [], every: "hour", measures: (c) => ({ n: count(), mean: avg(c.price) }) });
/** `sales` with other dimensions and measures, one of which needs what no file holds yet. */
export const salesOfMore = () => defineView({ name: "sales", from: orders, by: [], every: "second", measures: (c) => ({ n: count(), shops: countDistinct(c.shop) }) });
export const users = () => defineView({ name: "users", from: withUser, by: ["user"], every: "hour", measures: (c) => ({ n: count(), revenue: sum(c.price) }) });

const shopColumns = { shop_key: int64("bigint"), shop: text() };
export const dimShop = (from: Orders = orders) =>
  defineModel({ name: "dim_shop", from: { orders: from }, columns: shopColumns, key: ["shop_key"], partitioned: "whole", sql: ({ orders: o }, d) => sql`select distinct ${d.key(o.shop)} as shop_key, ${o.shop} from ${o} where ${o.shop} is not null` });
/** `dim_shop` with one column more. */
export const dimShopOfMore = () =>
  defineModel({
    name: "dim_shop", from: { orders }, columns: { ...shopColumns, orders: int64() }, key: ["shop_key"], partitioned: "whole",
    sql: ({ orders: o }, d) => sql`select ${d.key(o.shop)} as shop_key, ${o.shop}, count(*) as orders from ${o} where ${o.shop} is not null group by ${o.shop}`,
  });
export const factOrder = (shops: ReturnType<typeof dimShop> = dimShop()) =>
  defineModel({
    name: "fact_order", from: { orders, shops }, columns: { partition: int64(), position: int64(), shop_key: int64("bigint").optional(), price: decimal(2) }, key: ["partition", "position"], partitioned: "date",
    sql: ({ orders: o, shops: s }) => sql`select ${o._partition} as partition, ${o._offset} as position, ${s.shop_key}, ${o.price} from ${o} left join ${s} on ${o.shop} = ${s.shop}`,
    references: { shop_key: shops },
  });

/** Every kind of record that the declarations tell apart. */
export const orderOf = (i: number, atMs: number): object => ({
  at: atMs - (i % 5 === 4 ? 26 * 3_600_000 : (i % 3) * 1_000),
  ...(i % 4 === 0 ? {} : { shop: ["harbour", "station", "airport"][i % 3] }),
  price: i % 7 === 3 ? `${i}.50` : i % 11 === 10 ? "much" : i + 0.25,
  ...(i % 6 === 5 ? {} : { user: i % 4 }),
});
