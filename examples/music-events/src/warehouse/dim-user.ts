import { defineModel, int64, sql, text, timestamp } from "millrace";
import { unknownUserKey, userVersionKey } from "./member-keys.js";
import { stageUser } from "./stage-user.js";

/**
 * Users and how their level changed: a row a version (SCD type 2), which holds from `valid_from`, when the user was first
 * seen with this level, until before `valid_until`; the last one for ever, which is null. So at every event of a user exactly
 * one version holds. Names, gender and registration are those of the last day that told them (type 1). Who is not logged in
 * is an unknown member, one a level, without `user_id`.
 *
 * The key of a first version does not depend on when it begins, so an event that comes late gives no fact of it another key.
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
    /** Of the version before; null of the first. */
    previous_level: text().optional(),
    valid_from: timestamp("ms"),
    valid_until: timestamp("ms").optional(),
  },
  // region valid
  key: ["user_key"],
  partitioned: "whole",
  valid: { from: "valid_from", until: "valid_until" },
  // endregion
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
        select user_id, level, before as previous_level, seen_at as valid_from, lead(seen_at) over (partition by user_id order by seen_at) as valid_until
        from runs where before is null or before <> level
      )
      select ${userVersionKey(d, sql`v.user_id`, sql`case when v.previous_level is null then null else v.valid_from end`)} as user_key, v.user_id,
             coalesce(p.first_name, '(unknown)') as first_name, coalesce(p.last_name, '(unknown)') as last_name, coalesce(p.gender, '(unknown)') as gender,
             p.registration, v.level, v.previous_level, v.valid_from, v.valid_until
      from versions as v join people as p on p.user_id = v.user_id
      union all
      select ${unknownUserKey(d, sql`level`)} as user_key, null, '(unknown)', '(unknown)', '(unknown)', null, level, null, valid_from, null
      from (select ${seen.level} as level, min(${seen.seen_at}) as valid_from from ${seen} where ${seen.user_id} is null group by ${seen.level}) as unknown`;
  },
});
