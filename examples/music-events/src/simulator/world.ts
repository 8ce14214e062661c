import { faker } from "@faker-js/faker/locale/en_US";
import type { Song } from "./catalogue.js";
import { drawCatalogue } from "./catalogue.js";
import { drawFirstNames, drawLastNames } from "./people.js";
import type { Place } from "./places.js";
import { drawPlaces } from "./places.js";
import type { Pool } from "./pool.js";
import { Random } from "./random.js";
import { doubleEncoded } from "./traps/double-encoded.js";
import type { Trap } from "./traps/trap.js";
import { drawUserAgents } from "./user-agents.js";

/**
 * What users and plays are made of. A function of the seed (and of faker's lists, which may
 * grow with its version), so the songs stay when the population changes.
 */
export interface World {
  readonly songs: Pool<Song>;
  readonly places: Pool<Place>;
  readonly userAgents: Pool<string>;
  readonly firstNames: Pool<string>;
  readonly lastNames: Pool<string>;
}

/**
 * Seeds the shared English faker, whose next draws elsewhere are then no surprise any more; an instance of our own
 * would load all 70 languages. Traps change texts and draw nothing: the same seed has the same songs with them.
 */
export function drawWorld(seed: number, traps: ReadonlySet<Trap> = new Set()): World {
  const random = new Random(seed, 1);
  faker.seed(random.below(2 ** 32));
  return {
    songs: drawCatalogue(faker, random, traps.has("double-encoding") ? doubleEncoded : (text) => text),
    places: drawPlaces(faker, random),
    userAgents: drawUserAgents(faker, traps.has("quoted-user-agents")),
    firstNames: drawFirstNames(faker),
    lastNames: drawLastNames(faker),
  };
}
