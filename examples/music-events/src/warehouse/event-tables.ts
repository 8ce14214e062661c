import { defineEventTable } from "millrace";
import { authEvents } from "../streams/auth-events.js";
import { listenEvents } from "../streams/listen-events.js";
import { pageViewEvents } from "../streams/page-view-events.js";
import { statusChangeEvents } from "../streams/status-change-events.js";

/** The raw zone as SQL users see it: the events of each topic, by date. */
export const eventTables = [
  defineEventTable({ name: "listen_events", from: listenEvents }),
  defineEventTable({ name: "page_view_events", from: pageViewEvents }),
  defineEventTable({ name: "auth_events", from: authEvents }),
  defineEventTable({ name: "status_change_events", from: statusChangeEvents }),
] as const;
