import { defineStream, text } from "millrace";
import { userColumns } from "./user-columns.js";

/** One record an upgrade or downgrade; `level` is the level before it. */
export const statusChangeEvents = defineStream({
  topic: "status_change_events",
  columns: { auth: text(), ...userColumns },
  eventTime: "ts",
});
