import { defineModel, int64, sql, text, timestamp } from "millrace";
import { authEvents } from "../streams/auth-events.js";
import { listenEvents } from "../streams/listen-events.js";
import { pageViewEvents } from "../streams/page-view-events.js";
import { statusChangeEvents } from "../streams/status-change-events.js";
import { dateKey } from "./utc-calendar.js";

/**
 * What each date says about each user: the level of the first event, and each later one that another level follows. Every
 * event is evidence, since every event carries the level of its time; of several at one instant the last in its session
 * counts. Events without a user give a row a level.
 */
export const stageUser = defineModel({
  name: "stage_user",
  from: { listens: listenEvents, auths: authEvents, views: pageViewEvents, changes: statusChangeEvents },
  columns: {
    date_key: int64(),
    /** The user's id; of who is not logged in, the level. */
    member: text(),
    user_id: int64().optional(),
    level: text(),
    seen_at: timestamp("ms"),
    first_name: text().optional(),
    last_name: text().optional(),
    gender: text().optional(),
    registration: timestamp("ms").optional(),
  },
  key: ["date_key", "member", "seen_at"],
  partitioned: "date",
  sql: ({ listens, auths, views, changes }, d) => {
    const [fromListens, fromAuths, fromViews, fromChanges] = ([listens, auths, views, changes] as const).map((e) => sql`
      select ${e.userId} as user_id, ${e.level} as level, ${e.ts} as seen_at, ${e.sessionId} as session_id, ${e.itemInSession} as item,
             ${e.firstName} as first_name, ${e.lastName} as last_name, ${e.gender} as gender, ${e.registration} as registration
      from ${e}`);
    return sql`
      with seen as (${fromListens!} union all ${fromAuths!} union all ${fromViews!} union all ${fromChanges!}),
      people as (
        select user_id, min(level) as lowest, max(level) as highest, min(seen_at) as first_at,
               max(first_name) as first_name, max(last_name) as last_name, max(gender) as gender, max(registration) as registration
        from seen where user_id is not null group by user_id
      ),
      -- Only of the few whose level was not the same all day need the order of events be known.
      moments as (
        select s.user_id, s.level, s.seen_at, lead(s.seen_at) over (partition by s.user_id order by s.seen_at, s.session_id, s.item, s.level) as next_at
        from seen as s join people as p on p.user_id = s.user_id where p.lowest <> p.highest
      ),
      steps as (
        select user_id, level, seen_at, lag(level) over (partition by user_id order by seen_at) as before
        from moments where next_at is null or next_at <> seen_at
      ),
      runs as (
        select user_id, level, seen_at from steps where before is null or before <> level
        union all select user_id, lowest as level, first_at as seen_at from people where lowest = highest
      )
      select ${dateKey(d.dateOf(sql`r.seen_at`))} as date_key, cast(r.user_id as varchar(20)) as member, r.user_id, r.level, r.seen_at, p.first_name, p.last_name, p.gender, p.registration
      from runs as r join people as p on p.user_id = r.user_id
      union all
      select ${dateKey(d.dateOf(sql`min(seen_at)`))} as date_key, level as member, null as user_id, level, min(seen_at) as seen_at, null, null, null, null
      from seen where user_id is null group by level`;
  },
});
