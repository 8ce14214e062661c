import { float64, int64, text, timestamp } from "millrace";
import { unquote } from "./unquote.js";

/** The tail that all four topics share. Identity is absent while a visitor is logged out. */
export const userColumns = {
  ts: timestamp("ms"),
  sessionId: int64(),
  level: text(),
  itemInSession: int64(),
  city: text(),
  zip: text(),
  state: text(),
  userAgent: text().cleaned("unquoted", unquote),
  lon: float64(),
  lat: float64(),
  userId: int64().optional(),
  lastName: text().optional(),
  firstName: text().optional(),
  gender: text().optional(),
  registration: timestamp("ms").optional(),
};
