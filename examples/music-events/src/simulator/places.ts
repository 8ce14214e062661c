import type { Faker } from "@faker-js/faker";
import { Pool } from "./pool.js";
import type { Random } from "./random.js";
import { usStates } from "./us-states.js";
import { WeightedChoice, zipfWeights } from "./weighted-choice.js";

const COUNT = 1_500;
/** Deviation in degrees from the middle of the state: close enough to colour a map of states. */
const SCATTER_DEGREES = 0.5;

/** Where users live, as the fields of a record: `address` goes before the user agent, `position` after it. */
export interface Place {
  /** `"city":"Salem","zip":"01970","state":"MA"`. The zip is text: in the north-east it starts with a zero. */
  readonly address: string;
  /** `"lon":-70.9,"lat":42.5`, in degrees with up to six decimals. */
  readonly position: string;
}

/** Made-up towns, spread over the states (and DC) in proportion to their people, some towns much larger than others. */
export function drawPlaces(faker: Faker, random: Random): Pool<Place> {
  const stateChoice = new WeightedChoice(usStates.map(([, population]) => population));
  const degrees = (middle: number) => Number((middle + SCATTER_DEGREES * random.normal()).toFixed(6));
  const places = Array.from({ length: COUNT }, (_, rank): Place => {
    // The smallest towns are one in each state, so that no state is left out.
    const [state, , lon, lat] = usStates[COUNT - 1 - rank] ?? usStates[stateChoice.pick(random)]!;
    const city = JSON.stringify(faker.location.city());
    const zip = faker.location.zipCode({ state });
    return {
      address: `"city":${city},"zip":"${zip}","state":"${state}"`,
      position: `"lon":${degrees(lon)},"lat":${degrees(lat)}`,
    };
  });
  return new Pool(places, zipfWeights(COUNT));
}
