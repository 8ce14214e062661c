import { decimal, defineStream, text, timestamp } from "millrace";

/** A stream is a typed reading of one topic. What cannot be read becomes a dead letter, never a gap. */
export const orders = defineStream({
  topic: "orders",
  columns: { at: timestamp("iso"), shop: text(), item: text(), price: decimal(2), coupon: text().optional() },
  eventTime: "at",
});
