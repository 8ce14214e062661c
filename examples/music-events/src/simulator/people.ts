import type { Faker } from "@faker-js/faker";
import { Pool } from "./pool.js";
import { zipfWeights } from "./weighted-choice.js";

/** Draws until the names repeat; the pools then hold a few hundred different ones. */
const DRAWS = 1_000;
/** Of 1,000 first names, by the US birth register of 2010. */
const FEMALE_SHARE = 481;

const distinct = (draw: () => string) => [...new Set(Array.from({ length: DRAWS }, draw))];

/** Last names as `"lastName":"Doe"`. */
export function drawLastNames(faker: Faker): Pool<string> {
  const names = distinct(() => faker.person.lastName());
  return new Pool(
    names.map((name) => `"lastName":${JSON.stringify(name)}`),
    zipfWeights(names.length),
  );
}

/** First names with the gender that goes with them, as `"firstName":"Ann","gender":"F"`. Some names are in both. */
export function drawFirstNames(faker: Faker): Pool<string> {
  const groups = [
    { gender: "F", share: FEMALE_SHARE, names: distinct(() => faker.person.firstName("female")) },
    { gender: "M", share: 1_000 - FEMALE_SHARE, names: distinct(() => faker.person.firstName("male")) },
  ].map(({ gender, share, names }) => {
    const weights = zipfWeights(names.length);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return {
      texts: names.map((name) => `"firstName":${JSON.stringify(name)},"gender":"${gender}"`),
      weights: weights.map((weight) => (weight * share) / total),
    };
  });
  return new Pool(
    groups.flatMap(({ texts }) => texts),
    groups.flatMap(({ weights }) => weights),
  );
}
