import type { ArrivingRecord } from "./made-up-site.js";

/** A visit to the home page by a user of a level, epoch ms. It arrives at once unless the caller says when. */
export const pageOf = (ts: number, userId: number, level: string, more: object = {}): ArrivingRecord => ({
  topic: "page_view_events",
  arrivesAt: 0,
  value: JSON.stringify({ ts, sessionId: 900_000 + userId, page: "Home", auth: "Logged In", method: "GET", status: 200, level, itemInSession: 0, city: "Salem", zip: "01970", state: "MA", userAgent: "Agent", lon: -70.896, lat: 42.5195, userId, firstName: "Ann", lastName: "Doe", gender: "F", registration: 1, ...more }),
});
