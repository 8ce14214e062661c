import { decimal, defineModel, int64, sql, text } from "millrace";
import { orders } from "./orders.js";

/** A model is a table of the warehouse, in SQL: rebuilt for the dates that have new events. */
export const dailyShops = defineModel({
  name: "daily_shops",
  from: { orders },
  columns: { shop: text(), orders: int64(), revenue: decimal(2) },
  key: ["shop"],
  partitioned: "date",
  sql: ({ orders: o }) => sql`select ${o.shop} as shop, count(*) as orders, sum(${o.price}) as revenue from ${o} group by ${o.shop}`,
});
