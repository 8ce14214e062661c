import type { Faker } from "@faker-js/faker";
import { Pool } from "./pool.js";
import { zipfWeights } from "./weighted-choice.js";

const COUNT = 85;

/** Faker's list has crawlers too, and they do not listen to music. */
function browser(faker: Faker): string {
  for (;;) {
    const agent = faker.internet.userAgent();
    if (agent.startsWith("Mozilla/")) return agent;
  }
}

/**
 * Browsers as `"userAgent":"..."`. Seven of ten texts have quotation marks around them that belong to the value, as in
 * eventsim, which reads its list from a quoted file: consumers must cope with both.
 */
export function drawUserAgents(faker: Faker): Pool<string> {
  const agents = Array.from({ length: COUNT }, (_, index) => {
    const agent = browser(faker);
    return `"userAgent":${JSON.stringify(index % 10 < 7 ? `"${agent}"` : agent)}`;
  });
  return new Pool(agents, zipfWeights(COUNT));
}
