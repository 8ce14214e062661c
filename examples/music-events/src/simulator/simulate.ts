import { RecordText } from "./record-text.js";
import type { SimulatedEvent } from "./simulated-event.js";
import { Simulation } from "./simulation.js";
import { resolveOptions, SimulatorOptionsError, type ResolvedOptions, type SimulatorOptions } from "./simulator-options.js";
import { badDelivery, isBadDelivery } from "./traps/bad-delivery.js";
import { drawWorld } from "./world.js";

/** What the trap `local-time-as-utc` is ahead: the zone of a site in Vietnam. */
const LOCAL_TIME_MS = 7 * 3_600_000;

/** Every user has cancelled and none signs up, so there is no next event. Takes decades, or very few users. */
export class PopulationGoneError extends Error {
  readonly code = "POPULATION_GONE";
  readonly retryable = false;

  constructor(users: number) {
    super(`simulating the next event: nobody is left of ${users} users, and nobody signs up`);
    this.name = "PopulationGoneError";
  }
}

/**
 * The endless life of a music site as records, non-decreasing in `sentMs`. The same options give the same sequence,
 * wherever and however often it runs, so a caller who stored how many events it has taken continues with
 * `simulate(options, taken)`: the events before are worked out but not written, some millions a second.
 *
 * One action of a user gives up to three records with one `ts`: a page view always, and before it the play, the change
 * of level or the login that it was. Memory grows with the users, about 70 bytes each.
 *
 * @param fromEvent how many events to leave out at the beginning.
 * @throws {SimulatorOptionsError} at once, not with the first event.
 * @throws {PopulationGoneError} from the iteration, when nobody is left and nobody signs up.
 */
export function simulate(options: SimulatorOptions, fromEvent = 0): Generator<SimulatedEvent, never> {
  return endless(resolveOptions(options, fromEvent), fromEvent);
}

/**
 * The events of `simulate` before `untilMs` (epoch ms). What traps hold back beyond it is sent in the end, so that no
 * event is lost. Ends early when nobody is left and nobody signs up.
 *
 * @throws {SimulatorOptionsError} at once, not with the first event.
 */
export function simulateUntil(options: SimulatorOptions, untilMs: number): Generator<SimulatedEvent, void> {
  const resolved = resolveOptions(options);
  if (Number.isNaN(untilMs)) throw new SimulatorOptionsError([`untilMs must be a number, but is ${untilMs}`]);
  return delivered(resolved, 0, untilMs);
}

function* endless(options: ResolvedOptions, fromEvent: number): Generator<SimulatedEvent, never> {
  yield* delivered(options, fromEvent, Infinity);
  throw new PopulationGoneError(options.users);
}

function delivered(options: ResolvedOptions, fromEvent: number, untilMs: number): Generator<SimulatedEvent, void> {
  if (!isBadDelivery(options.traps)) return records(options, fromEvent, untilMs);
  return skipped(badDelivery(records(options, 0, untilMs), options.traps, options.seed), fromEvent);
}

/** What a bad line does to an event is known only by sending it, so here every event before is written, too. */
function* skipped(events: Generator<SimulatedEvent, void>, fromEvent: number): Generator<SimulatedEvent, void> {
  for (let count = 0; count < fromEvent; count++) events.next();
  yield* events;
}

function* records(options: ResolvedOptions, fromEvent: number, untilMs: number): Generator<SimulatedEvent, void> {
  const world = drawWorld(options.seed, options.traps);
  const simulation = new Simulation(options, world);
  const { population, fractionMs, machine } = simulation;
  const { facts } = machine;
  const clockErrorMs = options.traps.has("local-time-as-utc") ? LOCAL_TIME_MS : 0;
  const text = new RecordText({ world, facts, tag: options.tag, clockErrorMs });
  const userIdBefore = options.firstUserId + 1;
  let toSkip = fromEvent;

  for (;;) {
    const user = simulation.turn();
    if (user === undefined) return;
    const sentMs = population.sec[user]! * 1_000 + fractionMs;
    if (sentMs >= untilMs) return;
    const { isSong, changesLevel } = facts[population.state[user]!]!;
    const isAuth = population.afterLogin[user] === 1;
    const count = 1 + (isSong || changesLevel ? 1 : 0) + (isAuth ? 1 : 0);

    if (toSkip >= count) toSkip -= count;
    else {
      const ts = sentMs + clockErrorMs;
      const userId = userIdBefore + user;
      text.turnTo(user, userId, population, ts);
      if (isSong && toSkip-- <= 0) yield { topic: "listen_events", ts, sentMs, userId, value: text.listen() };
      if (changesLevel && toSkip-- <= 0) {
        yield { topic: "status_change_events", ts, sentMs, userId, value: text.statusChange() };
      }
      if (isAuth && toSkip-- <= 0) yield { topic: "auth_events", ts, sentMs, userId, value: text.auth() };
      yield { topic: "page_view_events", ts, sentMs, userId, value: isSong ? text.pageViewOfSong() : text.pageView() };
      toSkip = 0;
    }
    simulation.moveOn(user);
  }
}
