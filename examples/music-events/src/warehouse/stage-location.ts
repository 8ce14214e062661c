import { defineModel, float64, int64, sql, text } from "millrace";
import { authEvents } from "../streams/auth-events.js";
import { listenEvents } from "../streams/listen-events.js";
import { pageViewEvents } from "../streams/page-view-events.js";
import { locationKey } from "./member-keys.js";
import { dateKey } from "./utc-calendar.js";

/** The places of each date, so that `dim_location` need not read all events again. */
export const stageLocation = defineModel({
  name: "stage_location",
  from: { listens: listenEvents, auths: authEvents, views: pageViewEvents },
  columns: { date_key: int64(), location_key: int64("bigint"), city: text(), zip: text(), state: text(), lon: float64(), lat: float64() },
  key: ["date_key", "location_key"],
  partitioned: "date",
  sql: ({ listens, auths, views }, d) => {
    const places = [listens, auths, views] as const;
    // Equal to a millionth of a degree is the same place: the least of its coordinates are those of the member.
    const [fromListens, fromAuths, fromViews] = places.map((e) => sql`
      select ${dateKey(d.dateOf(e.ts))} as date_key, ${locationKey(d, e)} as location_key, ${e.city} as city, ${e.zip} as zip, ${e.state} as state, ${e.lon} as lon, ${e.lat} as lat
      from ${e}`);
    return sql`
      select date_key, location_key, city, zip, state, min(lon) as lon, min(lat) as lat
      from (${fromListens!} union ${fromAuths!} union ${fromViews!}) as places
      group by date_key, location_key, city, zip, state`;
  },
});
