import type { Random } from "./random.js";
import type { World } from "./world.js";

/** Deviation of the logarithm of users' mean gaps. */
const SIGMA = 1;

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function widen<C extends Column>(column: C, capacity: number): C {
  const wider = new (column.constructor as new (length: number) => C)(capacity);
  wider.set(column);
  return wider;
}

export interface MeanGaps {
  /** Means over users of their mean gaps. */
  readonly eventGapSec: number;
  readonly sessionGapSec: number;
}

/**
 * All users, as columns: about 70 bytes a user, so that millions fit. A user is its row number.
 */
export class Population {
  readonly #world: World;
  readonly #means: MeanGaps;
  readonly #random: Random;
  #size = 0;

  // For life.
  eventGapSec = new Float64Array(0);
  sessionGapSec = new Float64Array(0);
  place = new Uint16Array(0);
  userAgent = new Uint8Array(0);
  firstName = new Uint16Array(0);
  lastName = new Uint16Array(0);
  registrationMs = new Float64Array(0);

  // Of the event that comes next. Times are whole epoch seconds.
  sec = new Float64Array(0);
  state = new Uint16Array(0);
  song = new Uint16Array(0);
  songEndSec = new Float64Array(0);
  sessionId = new Float64Array(0);
  itemInSession = new Uint32Array(0);
  /** 1 when the page before this one, redirects passed over, was Login. */
  afterLogin = new Uint8Array(0);

  constructor(capacity: number, means: MeanGaps, world: World, random: Random) {
    this.#world = world;
    this.#means = means;
    this.#random = random;
    this.#widen(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a user whose traits for life are drawn, save the registration. Nothing of the next event is set. */
  add(): number {
    const user = this.#size++;
    // By a half, because twice a million users would be there for the next few.
    if (user === this.sec.length) this.#widen(user + (user >> 1) + 64);
    const { places, userAgents, firstNames, lastNames } = this.#world;
    const random = this.#random;
    this.eventGapSec[user] = random.logNormal(this.#means.eventGapSec, SIGMA);
    this.sessionGapSec[user] = random.logNormal(this.#means.sessionGapSec, SIGMA);
    this.place[user] = places.pick(random);
    this.userAgent[user] = userAgents.pick(random);
    this.firstName[user] = firstNames.pick(random);
    this.lastName[user] = lastNames.pick(random);
    return user;
  }

  #widen(capacity: number): void {
    this.eventGapSec = widen(this.eventGapSec, capacity);
    this.sessionGapSec = widen(this.sessionGapSec, capacity);
    this.place = widen(this.place, capacity);
    this.userAgent = widen(this.userAgent, capacity);
    this.firstName = widen(this.firstName, capacity);
    this.lastName = widen(this.lastName, capacity);
    this.registrationMs = widen(this.registrationMs, capacity);
    this.sec = widen(this.sec, capacity);
    this.state = widen(this.state, capacity);
    this.song = widen(this.song, capacity);
    this.songEndSec = widen(this.songEndSec, capacity);
    this.sessionId = widen(this.sessionId, capacity);
    this.itemInSession = widen(this.itemInSession, capacity);
    this.afterLogin = widen(this.afterLogin, capacity);
  }
}
