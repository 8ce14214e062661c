import type { Population } from "./population.js";
import type { StateFacts } from "./state-machine.js";
import type { World } from "./world.js";

/** The part of each record that a state decides, up to the number of the item. */
interface StateText {
  readonly pageView: string;
  /** For `listen_events` and `status_change_events`. */
  readonly short: string;
  readonly login: string;
}

function textOf({ page, auth, method, status, level }: StateFacts): StateText {
  const text = JSON.stringify;
  const tail = `"level":${text(level)},"itemInSession":`;
  return {
    pageView: `,"page":${text(page)},"auth":${text(auth)},"method":${text(method)},"status":${status},${tail}`,
    short: `,"auth":${text(auth)},${tail}`,
    login: `,${tail}`,
  };
}

export interface RecordTextOptions {
  readonly world: World;
  readonly facts: readonly StateFacts[];
  readonly tag: string | undefined;
  /** Added to every time: 0 unless clocks are wrong on purpose. */
  readonly clockErrorMs: number;
}

/**
 * The JSON of the records of one event, in the field order of the wire. Joined from parts that are encoded once,
 * because encoding whole records would cost more than all the rest of the simulation.
 */
export class RecordText {
  readonly #world: World;
  readonly #facts: readonly StateFacts[];
  readonly #states: readonly StateText[];
  readonly #tag: string;
  readonly #clockErrorMs: number;
  #song = "";
  #when = "";
  #state: StateText;
  #who = "";
  #success = "";

  constructor({ world, facts, tag, clockErrorMs }: RecordTextOptions) {
    this.#world = world;
    this.#facts = facts;
    this.#states = facts.map(textOf);
    this.#state = this.#states[0]!;
    this.#tag = tag === undefined ? "" : `,"tag":${JSON.stringify(tag)}`;
    this.#clockErrorMs = clockErrorMs;
  }

  /** Turns to the event that comes next for `user`, at `ts` epoch ms. */
  turnTo(user: number, userId: number, population: Population, ts: number): void {
    const { places, userAgents, firstNames, lastNames, songs } = this.#world;
    const state = population.state[user]!;
    const { showsUser, isLoggedIn, isSong } = this.#facts[state]!;
    const place = places.entries[population.place[user]!]!;
    const agent = userAgents.entries[population.userAgent[user]!]!;
    if (isSong) this.#song = songs.entries[population.song[user]!]!.fields;
    this.#when = `"ts":${ts},"sessionId":${population.sessionId[user]!}`;
    this.#state = this.#states[state]!;
    this.#success = isLoggedIn ? ',"success":true}' : ',"success":false}';
    this.#who = `${population.itemInSession[user]!},${place.address},${agent},${place.position}`;
    if (showsUser) {
      const lastName = lastNames.entries[population.lastName[user]!]!;
      const firstName = firstNames.entries[population.firstName[user]!]!;
      const registration = population.registrationMs[user]! + this.#clockErrorMs;
      this.#who += `,"userId":${userId},${lastName},${firstName},"registration":${registration}${this.#tag}`;
    }
  }

  listen(): string {
    return `{${this.#song},${this.#when}${this.#state.short}${this.#who}}`;
  }

  statusChange(): string {
    return `{${this.#when}${this.#state.short}${this.#who}}`;
  }

  auth(): string {
    return `{${this.#when}${this.#state.login}${this.#who}${this.#success}`;
  }

  /** A page view says what plays only when it is the play. */
  pageView(): string {
    return `{${this.#when}${this.#state.pageView}${this.#who}}`;
  }

  pageViewOfSong(): string {
    return `{${this.#when}${this.#state.pageView}${this.#who},${this.#song}}`;
  }
}
