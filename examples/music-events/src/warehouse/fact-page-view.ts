import { decimal, defineModel, int64, sql, text } from "millrace";
import { pageViewEvents } from "../streams/page-view-events.js";
import { dimSong } from "./dim-song.js";
import { dimUser } from "./dim-user.js";
import { factColumns, factKey, factReferences, factSelect, versionAt } from "./fact-columns.js";
import { songKey } from "./member-keys.js";

/** One row a page. A page that plays nothing has the member of `dim_song` that stands for no song. */
export const factPageView = defineModel({
  name: "fact_page_view",
  from: { views: pageViewEvents, users: dimUser },
  columns: { ...factColumns, song_key: int64("bigint"), page: text(), auth: text(), method: text(), status: int64(), /** Seconds. */ duration: decimal(5).optional() },
  key: factKey,
  partitioned: "date",
  oneRowPer: "views",
  references: { ...factReferences, song_key: dimSong },
  sql: ({ views: e, users }, d) => sql`
    select ${factSelect(e, users, d)}, ${songKey(d, e.song, e.artist, e.duration)} as song_key,
           ${e.page} as page, ${e.auth} as auth, ${e.method} as method, ${e.status} as status, ${e.duration} as duration
    from ${e} ${versionAt(e, users)}`,
});
