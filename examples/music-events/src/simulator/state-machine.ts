import type { Random } from "./random.js";
import type { Standing, State, StateFacts } from "./state.js";
import { factsOf } from "./state.js";
import { newSession, transitions } from "./transitions.js";
import { WeightedChoice } from "./weighted-choice.js";

const names = Object.keys(transitions) as State[];
const numberOf = new Map(names.map((name, number) => [name, number]));

/** What `nextState` answers when the session ends instead. */
export const SESSION_END = -1;

/** Facts by state number. States are numbered so that a user's state fits a typed array. */
export const stateFacts: readonly StateFacts[] = names.map(factsOf);

/** Rows of `transitions`, one after the other: row `s` is [rowStart[s], rowStart[s + 1]). */
const rows = names.map((name) => Object.entries(transitions[name]) as [State, number][]);
const rowStart = Uint16Array.from([...rows, []], (_, row) => rows.slice(0, row).flat().length);
const target = Uint8Array.from(rows.flat(), ([name]) => numberOf.get(name)!);
const chance = Float64Array.from(rows.flat(), ([, p]) => p);

/** The state after `state`, or {@link SESSION_END}. */
export function nextState(state: number, random: Random): number {
  let rest = random.uniform();
  const end = rowStart[state + 1]!;
  for (let entry = rowStart[state]!; entry < end; entry++) {
    rest -= chance[entry]!;
    if (rest < 0) return target[entry]!;
  }
  return SESSION_END;
}

class SessionStart {
  readonly #states: readonly number[];
  readonly #choice: WeightedChoice;

  constructor(weights: Readonly<Partial<Record<State, number>>>) {
    const entries = Object.entries(weights) as [State, number][];
    this.#states = entries.map(([name]) => numberOf.get(name)!);
    this.#choice = new WeightedChoice(entries.map(([, weight]) => weight));
  }

  pick(random: Random): number {
    return this.#states[this.#choice.pick(random)]!;
  }
}

const startOf = new Map(Object.entries(newSession).map(([standing, weights]) => [standing, new SessionStart(weights)]));
const startAfter = stateFacts.map(({ auth, level }) => startOf.get(`${auth}|${level}`));

/** The first state of a session in this standing. */
export function firstState(standing: Standing, random: Random): number {
  return startOf.get(standing)!.pick(random);
}

/** The first state of the session after one that ended in `lastState`; undefined when the user is gone for good. */
export function firstStateAfter(lastState: number, random: Random): number | undefined {
  return startAfter[lastState]?.pick(random);
}
