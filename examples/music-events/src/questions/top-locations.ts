import { defineQuestion, parameter } from "millrace";
import { playsSecond } from "../views/plays-second.js";

export const topLocations = defineQuestion({
  name: "top_locations",
  doc: "The places where most songs were played.",
  parameters: { state: parameter.text({ doc: "only places of this state, such as CA", default: null }) },
  views: [playsSecond],
  by: ["state", "city"],
  measures: ["plays"],
  where: ({ state }) => (state === null ? {} : { state }),
  orderBy: "plays desc",
  limit: 10,
  granularity: "day",
});
