import { defineModel, int64, sql } from "millrace";

const ten = sql`(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))`;
const sixty = sql`(select tens.n * 10 + units.n as n from ${ten} as tens(n) cross join ${ten} as units(n) where tens.n < 6)`;

/** Every second of a day, in UTC. Reads nothing, so it is built once. */
export const dimTime = defineModel({
  name: "dim_time",
  from: {},
  columns: { time_key: int64(), hour: int64(), minute: int64(), second: int64() },
  key: ["time_key"],
  partitioned: "whole",
  sql: () => sql`
    select h.n * 3600 + m.n * 60 + s.n as time_key, h.n as hour, m.n as minute, s.n as second
    from ${sixty} as h cross join ${sixty} as m cross join ${sixty} as s
    where h.n < 24`,
});
