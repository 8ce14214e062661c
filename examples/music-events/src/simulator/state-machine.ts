import type { SimulatorConfig, Weighted } from "./config/simulator-config.js";
import type { Random } from "./random.js";
import { standingKey, type Standing, type State } from "./state.js";
import { WeightedChoice } from "./weighted-choice.js";

/** What `next` answers when the session ends instead. */
export const SESSION_END = -1;

/** What the rules and the records need to know about a state. */
export interface StateFacts extends State {
  /** The browser goes on to the next page by itself, one second later. */
  readonly isRedirect: boolean;
  /** A song starts to play. */
  readonly isSong: boolean;
  /** The level is another after it. */
  readonly changesLevel: boolean;
  readonly isLogin: boolean;
  readonly isLoggedIn: boolean;
  /** Records say who it was; those of guests and of logged-out users do not. */
  readonly showsUser: boolean;
}

/** The first pages of sessions in one standing. */
export class SessionStart {
  readonly #states: readonly number[];
  readonly #choice: WeightedChoice;

  constructor(starts: readonly Weighted<number>[]) {
    this.#states = starts.map(({ value }) => value);
    this.#choice = new WeightedChoice(starts.map(({ weight }) => weight));
  }

  /** The state that it begins in. */
  pick(random: Random): number {
    return this.#states[this.#choice.pick(random)]!;
  }
}

/** The pages of a site and how users get from one to the next. States are numbers, so that a user's fits a typed array. */
export class StateMachine {
  /** By state number. */
  readonly facts: readonly StateFacts[];
  /** Rows of transitions, one after the other: row `s` is [rowStart[s], rowStart[s + 1]). */
  readonly #rowStart: Uint32Array;
  readonly #target: Uint16Array;
  readonly #chance: Float64Array;
  readonly #startOf: ReadonlyMap<string, SessionStart>;
  readonly #startAfter: readonly (SessionStart | undefined)[];

  constructor({ states, transitions, newSessions, churnedAuth, shownAuths }: SimulatorConfig) {
    this.facts = states.map((state) => ({
      ...state,
      isRedirect: state.status >= 300 && state.status < 400,
      isSong: state.page === "NextSong",
      changesLevel: state.page === "Submit Upgrade" || state.page === "Submit Downgrade",
      isLogin: state.page === "Login",
      isLoggedIn: state.auth === "Logged In",
      showsUser: shownAuths.has(state.auth),
    }));
    const entries = transitions.flat();
    this.#target = Uint16Array.from(entries, ({ to }) => to);
    this.#chance = Float64Array.from(entries, ({ p }) => p);
    this.#rowStart = new Uint32Array(states.length + 1);
    transitions.forEach((row, state) => (this.#rowStart[state + 1] = this.#rowStart[state]! + row.length));
    this.#startOf = new Map([...newSessions].filter(([, starts]) => starts.some(({ weight }) => weight > 0)).map(([key, starts]) => [key, new SessionStart(starts)]));
    this.#startAfter = states.map((state) => (state.auth === churnedAuth ? undefined : this.#startOf.get(standingKey(state))));
  }

  /** The state after `state`, or {@link SESSION_END}. */
  next(state: number, random: Random): number {
    let rest = random.uniform();
    const end = this.#rowStart[state + 1]!;
    for (let entry = this.#rowStart[state]!; entry < end; entry++) {
      rest -= this.#chance[entry]!;
      if (rest < 0) return this.#target[entry]!;
    }
    return SESSION_END;
  }

  /** How sessions of this standing begin; undefined when the configuration has no page for them. */
  startIn(standing: Standing): SessionStart | undefined {
    return this.#startOf.get(standingKey(standing));
  }

  /** The first state of the session after one that ended in `lastState`; undefined when the user is gone for good. */
  firstAfter(lastState: number, random: Random): number | undefined {
    return this.#startAfter[lastState]?.pick(random);
  }
}
