import { decimal, defineStream, text } from "millrace";
import { repairMojibake } from "./repair-mojibake.js";
import { userColumns } from "./user-columns.js";

/** One record a song that starts to play. */
export const listenEvents = defineStream({
  topic: "listen_events",
  columns: { artist: text().cleaned("mojibake", repairMojibake), song: text().cleaned("mojibake", repairMojibake), duration: decimal(5), auth: text(), ...userColumns },
  eventTime: "ts",
});
