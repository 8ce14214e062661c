import { count, defineView, max, sum } from "millrace";
import { orders } from "./orders.js";

/** A view is an aggregate, declared once: the speed layer keeps it fresh, the batch layer recomputes it. */
export const sales = defineView({
  name: "sales",
  from: orders,
  by: ["shop", "item"],
  every: "minute",
  measures: (c) => ({ orders: count(), revenue: sum(c.price), dearest: max(c.price), discounted: count().where(c.coupon.isNotNull()) }),
});
