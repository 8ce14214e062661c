import { defineQuestion } from "millrace";
import { loginsSecond } from "../views/logins-second.js";

export const logins = defineQuestion({
  name: "logins",
  doc: "How often somebody logged in, and how often that failed. `users` is an estimate, within about 1.6 %; `logged_in_users` counts them exactly.",
  views: [loginsSecond],
  by: [],
  measures: ["logins", "failed", "successRate", "users"],
  granularity: "day",
});
