import { boolean, defineStream } from "millrace";
import { userColumns } from "./user-columns.js";

/** One record a login, with its outcome. A failed one has no user. */
export const authEvents = defineStream({
  topic: "auth_events",
  columns: { success: boolean(), ...userColumns },
  eventTime: "ts",
});
