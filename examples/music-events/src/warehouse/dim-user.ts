import { defineModel, int64, sql, text, timestamp } from "millrace";
import { unknownUserKey, userVersionKey } from "./member-keys.js";
import { stageUser } from "./stage-user.js";

/**
 * Users and how their level changed: a row a version (SCD type 2), which holds from `valid_from` until before `valid_until`.
 * A user's first version holds since ever, the last one for ever: null. So exactly one version holds at any instant. Names,
 * gender and registration are those of the last day that told them (type 1). Who is not logged in is an unknown member, one
 * a level, without `user_id`.
 */
export const dimUser = defineModel({
  name: "dim_user",
  from: { seen: stageUser },
  columns: {
    user_key: int64("bigint"),
    user_id: int64().optional(),
    first_name: text(),
    last_name: text(),
    gender: text(),
    registration: timestamp("ms").optional(),
    level: text(),
    valid_from: timestamp("ms").optional(),
    valid_until: timestamp("ms").optional(),
  },
  key: ["user_key"],
  partitioned: "whole",
  valid: { from: "valid_from", until: "valid_until" },
  sql: ({ seen }, d) => {
    const latest = (column: "first_name" | "last_name" | "gender" | "registration") => sql`max_by(${seen[column]}, ${seen.seen_at}) filter (where ${seen[column]} is not null)`;
    return sql`
      with people as (
        select ${seen.user_id} as user_id, ${latest("first_name")} as first_name, ${latest("last_name")} as last_name,
               ${latest("gender")} as gender, ${latest("registration")} as registration
        from ${seen} where ${seen.user_id} is not null group by ${seen.user_id}
      ),
      runs as (
        select ${seen.user_id} as user_id, ${seen.level} as level, ${seen.seen_at} as seen_at,
               lag(${seen.level}) over (partition by ${seen.user_id} order by ${seen.seen_at}) as before
        from ${seen} where ${seen.user_id} is not null
      ),
      versions as (
        select user_id, level, case when before is null then null else seen_at end as valid_from, lead(seen_at) over (partition by user_id order by seen_at) as valid_until
        from runs where before is null or before <> level
      )
      select ${userVersionKey(d, sql`v.user_id`, sql`v.valid_from`)} as user_key, v.user_id,
             coalesce(p.first_name, '(unknown)') as first_name, coalesce(p.last_name, '(unknown)') as last_name, coalesce(p.gender, '(unknown)') as gender,
             p.registration, v.level, v.valid_from, v.valid_until
      from versions as v join people as p on p.user_id = v.user_id
      union all
      select ${unknownUserKey(d, sql`level`)} as user_key, null, '(unknown)', '(unknown)', '(unknown)', null, level, null, null
      from (select distinct ${seen.level} as level from ${seen} where ${seen.user_id} is null) as unknown`;
  },
});
