import { int64, sql, text, timestamp, type Dialect, type ModelTable, type Sql } from "millrace";
import type { authEvents } from "../streams/auth-events.js";
import { dimDate } from "./dim-date.js";
import { dimLocation } from "./dim-location.js";
import { dimTime } from "./dim-time.js";
import { dimUser } from "./dim-user.js";
import { locationKey, unknownUserKey } from "./member-keys.js";
import { dateKey, timeKey } from "./utc-calendar.js";

/** What every fact has first: where its event stands in the log (its key), and its dimensions. */
export const factColumns = {
  log_version: int64(),
  log_partition: int64(),
  log_offset: int64(),
  date_key: int64(),
  time_key: int64(),
  user_key: int64("bigint"),
  location_key: int64("bigint"),
  /** The event's own time: keys hold no milliseconds. */
  ts: timestamp("ms"),
  session_id: int64(),
  item_in_session: int64(),
  /** As the event carries it. */
  level: text(),
  user_agent: text(),
};

/** A hash could repeat among billions of events; the place in the log cannot. */
export const factKey = ["log_version", "log_partition", "log_offset"] as const;

export const factReferences = { date_key: dimDate, time_key: dimTime, user_key: dimUser, location_key: dimLocation };

// The columns that all four topics share.
type Events = ModelTable<typeof authEvents>;
type Users = ModelTable<typeof dimUser>;

/** {@link factColumns} in their order, from an event and the version of its user. */
export const factSelect = (e: Omit<Events, "success">, user: Users, d: Dialect): Sql => sql`
  ${e._log_version} as log_version, ${e._partition} as log_partition, ${e._offset} as log_offset,
  ${dateKey(d.dateOf(e.ts))} as date_key, ${timeKey(d.epochMs(e.ts))} as time_key,
  case when ${e.userId} is null then ${unknownUserKey(d, e.level)} else ${user.user_key} end as user_key,
  ${locationKey(d, e)} as location_key,
  ${e.ts} as ts, ${e.sessionId} as session_id, ${e.itemInSession} as item_in_session, ${e.level} as level, ${e.userAgent} as user_agent`;

/** After every event. */
const FOR_EVER = new Date("9999-12-31T00:00:00Z");

/**
 * The version of a user that holds at the event: one, so that a join with it doubles no fact and drops none. Comparisons
 * alone: with an `or` in it an engine compares every event with every user.
 */
export const versionAt = (e: Omit<Events, "success">, user: Users): Sql => sql`
  left join ${user} on ${user.user_id} = ${e.userId}
  and ${user.valid_from} <= ${e.ts} and coalesce(${user.valid_until}, ${FOR_EVER}) > ${e.ts}`;
