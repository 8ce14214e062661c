import { decimal, defineModel, int64, sql, text } from "millrace";
import { listenEvents } from "../streams/listen-events.js";
import { dimSong } from "./dim-song.js";
import { dimUser } from "./dim-user.js";
import { factColumns, factKey, factReferences, factSelect, versionAt } from "./fact-columns.js";
import { songKey } from "./member-keys.js";

/** One row a song that starts to play. */
export const factListen = defineModel({
  name: "fact_listen",
  from: { listens: listenEvents, users: dimUser },
  columns: { ...factColumns, song_key: int64("bigint"), auth: text(), /** Seconds. */ duration: decimal(5) },
  key: factKey,
  partitioned: "date",
  oneRowPer: "listens",
  references: { ...factReferences, song_key: dimSong },
  sql: ({ listens: e, users }, d) => sql`
    select ${factSelect(e, users, d)}, ${songKey(d, e.song, e.artist, e.duration)} as song_key, ${e.auth} as auth, ${e.duration} as duration
    from ${e} ${versionAt(e, users)}`,
});
