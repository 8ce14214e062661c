import { userIdOf } from "./population.js";
import { RecordText } from "./record-text.js";
import type { SimulatedEvent } from "./simulated-event.js";
import { Simulation } from "./simulation.js";
import type { SimulatorOptions } from "./simulator-options.js";
import { resolveOptions } from "./simulator-options.js";
import { stateFacts } from "./state-machine.js";
import { drawWorld } from "./world.js";

/**
 * The endless life of a music site as records, non-decreasing in `ts`. The same options give the same sequence,
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
  return events(resolveOptions(options, fromEvent), fromEvent);
}

function* events(options: Required<SimulatorOptions>, fromEvent: number): Generator<SimulatedEvent, never> {
  const world = drawWorld(options.seed);
  const simulation = new Simulation(options, world);
  const { population, fractionMs } = simulation;
  const text = new RecordText(world);
  let toSkip = fromEvent;

  for (;;) {
    const user = simulation.turn();
    const { page } = stateFacts[population.state[user]!]!;
    const isSong = page === "NextSong";
    const changesLevel = page === "Submit Upgrade" || page === "Submit Downgrade";
    const isAuth = population.afterLogin[user] === 1;
    const count = 1 + (isSong || changesLevel ? 1 : 0) + (isAuth ? 1 : 0);

    if (toSkip >= count) toSkip -= count;
    else {
      const ts = population.sec[user]! * 1_000 + fractionMs;
      const userId = userIdOf(user);
      text.turnTo(user, population, ts);
      if (isSong && toSkip-- <= 0) yield { topic: "listen_events", ts, userId, value: text.listen() };
      if (changesLevel && toSkip-- <= 0) {
        yield { topic: "status_change_events", ts, userId, value: text.statusChange() };
      }
      if (isAuth && toSkip-- <= 0) yield { topic: "auth_events", ts, userId, value: text.auth() };
      yield { topic: "page_view_events", ts, userId, value: isSong ? text.pageViewOfSong() : text.pageView() };
      toSkip = 0;
    }
    simulation.moveOn(user);
  }
}
