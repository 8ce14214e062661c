import { defineModel, float64, int64, sql, text } from "millrace";
import { stageLocation } from "./stage-location.js";

/** Every place that events came from. The zip is text: New England's start with a zero. */
export const dimLocation = defineModel({
  name: "dim_location",
  from: { places: stageLocation },
  columns: { location_key: int64("bigint"), city: text(), zip: text(), state: text(), lon: float64(), lat: float64() },
  key: ["location_key"],
  partitioned: "whole",
  sql: ({ places: p }) => sql`
    select ${p.location_key}, ${p.city}, ${p.zip}, ${p.state}, min(${p.lon}) as lon, min(${p.lat}) as lat
    from ${p} group by ${p.location_key}, ${p.city}, ${p.zip}, ${p.state}`,
});
