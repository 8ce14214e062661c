import { createLambda, deliver, embedded } from "millrace";
import { dailyShops } from "./daily-shops.js";
import { orders } from "./orders.js";
import { receiptsSink } from "./receipts-sink.js";
import { sales } from "./sales.js";

/** One lambda: three layers over one platform. Nothing is opened before it is used. */
export const shop = createLambda({
  views: [sales],
  models: [dailyShops],
  outputs: [deliver(orders, receiptsSink("./data/receipts"))],
  platform: embedded("./data"),
  // Small segments, so that the batch layer has something to do within a minute. Leave it out for more than some orders a second.
  grid: { segmentOffsets: 100 },
});
