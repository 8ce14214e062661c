import { Population } from "./population.js";
import { Random } from "./random.js";
import { SessionClock } from "./session-clock.js";
import type { ResolvedOptions } from "./simulator-options.js";
import { SESSION_END, StateMachine, type SessionStart } from "./state-machine.js";
import { UserQueue } from "./user-queue.js";
import { WeightedChoice } from "./weighted-choice.js";
import type { World } from "./world.js";

const YEAR_SEC = 365.25 * 86_400;
const LONGEST_MEMBERSHIP_SEC = 5 * YEAR_SEC;

/** The users and the rules by which they move. Says whose turn it is; what is written about it is not its concern. */
export class Simulation {
  readonly population: Population;
  readonly machine: StateMachine;
  /** What every event time has beyond whole seconds, in ms. */
  readonly fractionMs: number;

  readonly #world: World;
  readonly #random: Random;
  readonly #clock: SessionClock;
  readonly #queue: UserQueue;
  /** Undefined where nobody signs up. */
  readonly #newUser: SessionStart | undefined;
  readonly #growthRate: number;
  readonly #attritionRate: number;
  #nextSignUpSec: number;
  #sessions = 0;

  constructor({ config, seed, users, startMs, growthRate, attritionRate, holidays }: ResolvedOptions, world: World) {
    const startSec = Math.floor(startMs / 1_000);
    this.fractionMs = startMs - startSec * 1_000;
    this.#world = world;
    this.#random = new Random(seed, 2);
    this.machine = new StateMachine(config);
    this.#clock = new SessionClock(config, holidays);
    this.#newUser = this.machine.startIn(config.newUser);
    this.#growthRate = growthRate;
    this.#attritionRate = attritionRate;
    this.population = new Population(users, config, world, this.#random);
    this.#queue = new UserQueue((user) => this.population.sec[user]!);

    // A configuration has a first page for every standing that initial users may have.
    const starts = config.initialUsers.map(({ value }) => this.machine.startIn(value)!);
    const standing = new WeightedChoice(config.initialUsers.map(({ weight }) => weight));
    for (let count = 0; count < users; count++) this.#addInitialUser(startSec, starts[standing.pick(this.#random)]!);
    for (let user = 0; user < users; user++) {
      let stays = true;
      while (stays && this.population.sec[user]! <= startSec) stays = this.#step(user);
      if (stays) this.#queue.add(user);
    }
    this.#nextSignUpSec = this.#signUpAfter(startSec);
  }

  /** The user who has the next event, which the columns of the population describe; undefined when all are gone for good. */
  turn(): number | undefined {
    for (;;) {
      const user = this.#queue.first;
      if (user !== undefined && this.population.sec[user]! < this.#nextSignUpSec) return user;
      if (this.#nextSignUpSec === Infinity) return undefined;
      this.#signUp();
    }
  }

  /** Moves the user of the last `turn` on to its next event. */
  moveOn(user: number): void {
    if (this.#step(user)) this.#queue.moveFirst();
    else this.#queue.removeFirst();
  }

  /** Initial users come from the past, so that the first day looks like any other. */
  #addInitialUser(startSec: number, start: SessionStart): void {
    const user = this.population.add();
    const meanGapSec = this.population.sessionGapSec[user]!;
    const memberSec = Math.floor(this.#random.exponential(this.#growthRate * YEAR_SEC));
    this.#register(user, startSec - Math.min(memberSec, LONGEST_MEMBERSHIP_SEC));

    let sec = startSec - Math.ceil(2 * meanGapSec);
    while (sec < startSec - meanGapSec) sec = this.#clock.next(sec, meanGapSec, this.#random);
    this.#startSession(user, sec, start.pick(this.#random));
  }

  /**
   * Somebody comes for the first time. Eventsim draws the first session from a mean gap before the registration on, so
   * that some records are older than the registration they name; here the first visit is the registration.
   */
  #signUp(): void {
    const user = this.population.add();
    this.#register(user, this.#nextSignUpSec);
    this.#startSession(user, this.#nextSignUpSec, this.#newUser!.pick(this.#random));
    this.#queue.add(user);
    this.#nextSignUpSec = this.#signUpAfter(this.#nextSignUpSec);
  }

  #signUpAfter(sec: number): number {
    if (this.#growthRate === 0) return Infinity;
    return sec + Math.floor(this.#random.exponential(YEAR_SEC / (this.population.size * this.#growthRate)));
  }

  #register(user: number, sec: number): void {
    this.population.registrationMs[user] = sec * 1_000 + this.fractionMs;
  }

  /** False when the user has left for good. */
  #step(user: number): boolean {
    const state = this.population.state[user]!;
    const next = this.machine.next(state, this.#random);
    if (next !== SESSION_END) {
      this.#goTo(user, state, next);
      return true;
    }
    const first = this.machine.firstAfter(state, this.#random);
    if (first === undefined) return false;
    const nowSec = this.population.sec[user]!;
    const startSec = this.#clock.next(nowSec, this.population.sessionGapSec[user]!, this.#random);
    if (this.#attritionRate > 0 && this.#random.exponential(YEAR_SEC / this.#attritionRate) < startSec - nowSec) return false;
    this.#startSession(user, startSec, first);
    return true;
  }

  #startSession(user: number, sec: number, state: number): void {
    const { sessionId, itemInSession, afterLogin, songEndSec } = this.population;
    sessionId[user] = ++this.#sessions;
    itemInSession[user] = 0;
    afterLogin[user] = 0;
    songEndSec[user] = -Infinity;
    this.#enter(user, sec, state);
  }

  #goTo(user: number, from: number, to: number): void {
    const { population } = this;
    const { isRedirect, isSong } = this.machine.facts[to]!;
    const nowSec = population.sec[user]!;
    const songEndSec = population.songEndSec[user]!;
    let sec: number;
    if (isRedirect) sec = nowSec + 1;
    // Looking at pages does not stop the song: the next one starts when it is over.
    else if (isSong && nowSec < songEndSec) sec = songEndSec;
    else sec = nowSec + Math.floor(this.#random.exponential(population.eventGapSec[user]!));

    if (!isRedirect) population.afterLogin[user] = this.machine.facts[from]!.isLogin ? 1 : 0;
    population.itemInSession[user] = population.itemInSession[user]! + 1;
    this.#enter(user, sec, to);
  }

  #enter(user: number, sec: number, state: number): void {
    const { population } = this;
    population.sec[user] = sec;
    population.state[user] = state;
    if (!this.machine.facts[state]!.isSong) return;
    const song = this.#world.songs.pick(this.#random);
    population.song[user] = song;
    population.songEndSec[user] = sec + this.#world.songs.entries[song]!.playSec;
  }
}
