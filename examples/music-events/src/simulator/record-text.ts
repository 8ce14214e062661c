import type { Population } from "./population.js";
import { userIdOf } from "./population.js";
import type { StateFacts } from "./state.js";
import { stateFacts } from "./state-machine.js";
import type { World } from "./world.js";

/** The part of each record that a state decides, up to the number of the item. */
interface StateText {
  readonly pageView: string;
  /** For `listen_events` and `status_change_events`. */
  readonly short: string;
  readonly login: string;
}

function textOf({ page, auth, method, status, level }: StateFacts): StateText {
  const tail = `"level":"${level}","itemInSession":`;
  return {
    pageView: `,"page":"${page}","auth":"${auth}","method":"${method}","status":${status},${tail}`,
    short: `,"auth":"${auth}",${tail}`,
    login: `,${tail}`,
  };
}

const stateTexts = stateFacts.map(textOf);

/**
 * The JSON of the records of one event, in the field order of the wire. Joined from parts that are encoded once,
 * because encoding whole records would cost more than all the rest of the simulation.
 */
export class RecordText {
  readonly #world: World;
  #song = "";
  #when = "";
  #state: StateText = stateTexts[0]!;
  #who = "";
  #success = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Turns to the event that comes next for `user`, at `ts` epoch ms. */
  turnTo(user: number, population: Population, ts: number): void {
    const { places, userAgents, firstNames, lastNames, songs } = this.#world;
    const state = population.state[user]!;
    const { showsUser, auth } = stateFacts[state]!;
    const place = places.entries[population.place[user]!]!;
    const agent = userAgents.entries[population.userAgent[user]!]!;
    this.#song = songs.entries[population.song[user]!]!.fields;
    this.#when = `"ts":${ts},"sessionId":${population.sessionId[user]!}`;
    this.#state = stateTexts[state]!;
    this.#success = auth === "Logged In";
    this.#who = `${population.itemInSession[user]!},${place.address},${agent},${place.position}`;
    if (showsUser) {
      const lastName = lastNames.entries[population.lastName[user]!]!;
      const firstName = firstNames.entries[population.firstName[user]!]!;
      const registration = population.registrationMs[user]!;
      this.#who += `,"userId":${userIdOf(user)},${lastName},${firstName},"registration":${registration}`;
    }
  }

  listen(): string {
    return `{${this.#song},${this.#when}${this.#state.short}${this.#who}}`;
  }

  statusChange(): string {
    return `{${this.#when}${this.#state.short}${this.#who}}`;
  }

  auth(): string {
    return `{${this.#when}${this.#state.login}${this.#who},"success":${this.#success}}`;
  }

  /** A page view says what plays only when it is the play. */
  pageView(): string {
    return `{${this.#when}${this.#state.pageView}${this.#who}}`;
  }

  pageViewOfSong(): string {
    return `{${this.#when}${this.#state.pageView}${this.#who},${this.#song}}`;
  }
}
