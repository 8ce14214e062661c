import { decimal, defineStream, text } from "millrace";
import { userColumns } from "./user-columns.js";

/** One record a song that starts to play. */
export const listenEvents = defineStream({
  topic: "listen_events",
  columns: { artist: text(), song: text(), duration: decimal(5), auth: text(), ...userColumns },
  eventTime: "ts",
});
