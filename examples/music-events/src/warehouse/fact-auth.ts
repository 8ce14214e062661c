import { boolean, defineModel, sql } from "millrace";
import { authEvents } from "../streams/auth-events.js";
import { dimUser } from "./dim-user.js";
import { factColumns, factKey, factReferences, factSelect, versionAt } from "./fact-columns.js";

/** One row a login. A failed one tells no user: it is the unknown member's. */
export const factAuth = defineModel({
  name: "fact_auth",
  from: { auths: authEvents, users: dimUser },
  columns: { ...factColumns, success: boolean() },
  key: factKey,
  partitioned: "date",
  oneRowPer: "auths",
  references: factReferences,
  sql: ({ auths: e, users }, d) => sql`select ${factSelect(e, users, d)}, ${e.success} as success from ${e} ${versionAt(e, users)}`,
});
