import { pace } from "./pace.js";
import { Population } from "./population.js";
import { Random } from "./random.js";
import { nextSessionSec } from "./session-clock.js";
import type { SimulatorOptions } from "./simulator-options.js";
import type { Standing } from "./state.js";
import { SESSION_END, firstState, firstStateAfter, nextState, stateFacts } from "./state-machine.js";
import { initialStanding } from "./transitions.js";
import { UserQueue } from "./user-queue.js";
import { WeightedChoice } from "./weighted-choice.js";
import type { World } from "./world.js";

const LONGEST_MEMBERSHIP_SEC = 5 * pace.yearSec;

/** Every user has cancelled and none signs up, so there is no next event. Takes decades, or very few users. */
export class PopulationGoneError extends Error {
  readonly code = "POPULATION_GONE";
  readonly retryable = false;

  constructor(users: number) {
    super(`simulating the next event: all ${users} users have cancelled`);
    this.name = "PopulationGoneError";
  }
}

/** The users and the rules by which they move. Says whose turn it is; what is written about it is not its concern. */
export class Simulation {
  readonly population: Population;
  /** What every event time has beyond whole seconds, in ms. */
  readonly fractionMs: number;

  readonly #world: World;
  readonly #random: Random;
  readonly #queue: UserQueue;
  readonly #growthRate: number;
  #nextSignUpSec: number;
  #sessions = 0;

  constructor({ seed, users, startMs, growthRate }: Required<SimulatorOptions>, world: World) {
    const startSec = Math.floor(startMs / 1_000);
    this.fractionMs = startMs - startSec * 1_000;
    this.#world = world;
    this.#random = new Random(seed, 2);
    this.#growthRate = growthRate;
    this.population = new Population(users, world, this.#random);
    this.#queue = new UserQueue((user) => this.population.sec[user]!);

    const standings = Object.keys(initialStanding) as Standing[];
    const standing = new WeightedChoice(Object.values(initialStanding));
    for (let count = 0; count < users; count++) {
      this.#addInitialUser(startSec, standings[standing.pick(this.#random)]!);
    }
    for (let user = 0; user < users; user++) {
      let stays = true;
      while (stays && this.population.sec[user]! <= startSec) stays = this.#step(user);
      if (stays) this.#queue.add(user);
    }
    this.#nextSignUpSec = this.#signUpAfter(startSec);
  }

  /**
   * The user who has the next event; the columns of the population describe it.
   *
   * @throws {PopulationGoneError}
   */
  turn(): number {
    for (;;) {
      const user = this.#queue.first;
      if (user !== undefined && this.population.sec[user]! < this.#nextSignUpSec) return user;
      if (this.#nextSignUpSec === Infinity) throw new PopulationGoneError(this.population.size);
      this.#signUp();
    }
  }

  /** Moves the user of the last `turn` on to its next event. */
  moveOn(user: number): void {
    if (this.#step(user)) this.#queue.moveFirst();
    else this.#queue.removeFirst();
  }

  /** Initial users come from the past, so that the first day looks like any other. */
  #addInitialUser(startSec: number, standing: Standing): void {
    const user = this.population.add();
    const meanGapSec = this.population.sessionGapSec[user]!;
    const memberSec = Math.floor(this.#random.exponential(this.#growthRate * pace.yearSec));
    this.#register(user, startSec - Math.min(memberSec, LONGEST_MEMBERSHIP_SEC));

    let sec = startSec - Math.ceil(2 * meanGapSec);
    while (sec < startSec - meanGapSec) sec = nextSessionSec(sec, meanGapSec, this.#random);
    this.#startSession(user, sec, firstState(standing, this.#random));
  }

  /** A guest comes for the first time. */
  #signUp(): void {
    const user = this.population.add();
    const meanGapSec = this.population.sessionGapSec[user]!;
    // Eventsim draws the first session from a mean gap before the registration on. Drawn backwards, because here the
    // visit is given: `registration` may therefore lie after the first events of a user, in eventsim as well as here.
    this.#register(user, this.#nextSignUpSec + Math.floor(meanGapSec - this.#random.exponential(meanGapSec)));
    this.#startSession(user, this.#nextSignUpSec, firstState("Guest|free", this.#random));
    this.#queue.add(user);
    this.#nextSignUpSec = this.#signUpAfter(this.#nextSignUpSec);
  }

  #signUpAfter(sec: number): number {
    if (this.#growthRate === 0) return Infinity;
    return sec + Math.floor(this.#random.exponential(pace.yearSec / (this.population.size * this.#growthRate)));
  }

  #register(user: number, sec: number): void {
    this.population.registrationMs[user] = sec * 1_000 + this.fractionMs;
  }

  /** False when the user has left for good. */
  #step(user: number): boolean {
    const state = this.population.state[user]!;
    const next = nextState(state, this.#random);
    if (next !== SESSION_END) {
      this.#goTo(user, next);
      return true;
    }
    const first = firstStateAfter(state, this.#random);
    if (first === undefined) return false;
    const { sec, sessionGapSec } = this.population;
    this.#startSession(user, nextSessionSec(sec[user]!, sessionGapSec[user]!, this.#random), first);
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

  #goTo(user: number, state: number): void {
    const { population } = this;
    const { isRedirect, page } = stateFacts[state]!;
    const nowSec = population.sec[user]!;
    const songEndSec = population.songEndSec[user]!;
    let sec: number;
    if (isRedirect) sec = nowSec + 1;
    // Looking at pages does not stop the song: the next one starts when it is over.
    else if (page === "NextSong" && nowSec < songEndSec) sec = songEndSec;
    else sec = nowSec + Math.floor(this.#random.exponential(population.eventGapSec[user]!));

    if (!isRedirect) population.afterLogin[user] = stateFacts[population.state[user]!]!.page === "Login" ? 1 : 0;
    population.itemInSession[user] = population.itemInSession[user]! + 1;
    this.#enter(user, sec, state);
  }

  #enter(user: number, sec: number, state: number): void {
    const { population } = this;
    population.sec[user] = sec;
    population.state[user] = state;
    if (stateFacts[state]!.page !== "NextSong") return;
    const song = this.#world.songs.pick(this.#random);
    population.song[user] = song;
    population.songEndSec[user] = sec + this.#world.songs.entries[song]!.playSec;
  }
}
