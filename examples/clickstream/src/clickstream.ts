import { count, countDistinct, createLambda, defineDashboard, defineModel, defineStream, defineView, deliver, embedded, int64, quantile, sql, text, timestamp } from "millrace";
import { csvFileSink } from "./csv-file-sink.js";

/** Events as a browser sends them: nested, and with more in them than is declared here. */
export const clicks = defineStream({
  topic: "clicks",
  columns: {
    at: timestamp("iso").at("event.time"),
    kind: text().at("event.kind"),
    session: text().at("session.id"),
    userId: int64().at("session.user.id").optional(),
    country: text().at("session.country"),
    page: text().at("page.path"),
    loadMs: int64().at("timing.loadMs").optional(),
  },
  eventTime: "at",
});

export const traffic = defineView({
  name: "traffic",
  from: clicks,
  where: (c) => c.kind.eq("view"),
  by: ["page", "country"],
  every: "minute",
  measures: (c) => ({ views: count(), sessions: countDistinct(c.session), p95LoadMs: quantile(c.loadMs, 0.95) }),
});

export const funnel = defineView({
  name: "funnel",
  from: clicks,
  by: ["kind"],
  every: "hour",
  measures: (c) => ({ events: count(), visitors: countDistinct(c.session), members: countDistinct(c.userId) }),
});

export const sessions = defineModel({
  name: "sessions",
  from: { clicks },
  columns: { session: text(), began: timestamp("ms"), pages: int64(), bought: int64() },
  key: ["session"],
  partitioned: "date",
  sql: ({ clicks: c }) => sql`
    select ${c.session} as session, min(${c.at}) as began, count(*) as pages,
           count(case when ${c.kind} = 'purchase' then 1 end) as bought
    from ${c} group by ${c.session}`,
});

/** What `npx millrace serve` shows. */
export const dashboard = defineDashboard({
  title: "Clickstream",
  zone: "UTC",
  panels: [
    { kind: "trend", title: "Views", view: traffic, measure: "views", size: "half" },
    { kind: "number", title: "Sessions", view: traffic, measure: "sessions", size: "half" },
    { kind: "bars", title: "Visitors and what they do", view: funnel, by: "kind", measure: "visitors" },
    { kind: "bars", title: "Pages by country", view: traffic, by: "page", measure: "views", split: { by: "country" }, style: "stacked", direction: "across" },
    { kind: "top", title: "Slowest pages", view: traffic, by: ["page"], measure: "p95LoadMs", also: ["views"], size: "full" },
  ],
});

export const createClickstream = (platform = embedded("./data", { newTopicPartitions: 2 }), purchases = "./data/purchases") =>
  createLambda({
    views: [traffic, funnel],
    models: [sessions],
    dashboard,
    outputs: [deliver(clicks, csvFileSink(purchases, ["at", "session", "page"]), (row) => (row.kind === "purchase" ? row : undefined))],
    platform,
    // Small, for a site of some clicks a minute: a segment is what the batch layer works with.
    grid: { segmentOffsets: 200 },
  });

export const clickstream = createClickstream();
