import { decimal, defineStream, int64, text } from "millrace";
import { repairMojibake } from "./repair-mojibake.js";
import { userColumns } from "./user-columns.js";

/** One record a page; a page view of `NextSong` is the twin of a listen event. */
export const pageViewEvents = defineStream({
  topic: "page_view_events",
  columns: {
    page: text(),
    auth: text(),
    method: text(),
    status: int64(),
    ...userColumns,
    artist: text().cleaned("mojibake", repairMojibake).optional(),
    song: text().cleaned("mojibake", repairMojibake).optional(),
    duration: decimal(5).optional(),
  },
  eventTime: "ts",
});
