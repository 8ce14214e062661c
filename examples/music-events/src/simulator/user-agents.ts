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

/** Browsers as `"userAgent":"..."`. With `quoted`, seven of ten have quotation marks that belong to the value. */
export function drawUserAgents(faker: Faker, quoted: boolean): Pool<string> {
  const agents = Array.from({ length: COUNT }, (_, index) => {
    const agent = browser(faker);
    return `"userAgent":${JSON.stringify(quoted && index % 10 < 7 ? `"${agent}"` : agent)}`;
  });
  return new Pool(agents, zipfWeights(COUNT));
}
