import { count, defineView } from "millrace";
import { authEvents } from "../streams/auth-events.js";

/** Logins by gender and level. Failed logins have no gender and are left out. */
export const genderDistributionMinute = defineView({
  name: "gender_distribution_minute",
  from: authEvents,
  where: (c) => c.gender.isNotNull(),
  by: ["gender", "level"],
  every: "minute",
  measures: () => ({ logins: count() }),
});
