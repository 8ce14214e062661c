import type { Random } from "./random.js";
import { WeightedChoice } from "./weighted-choice.js";

/** Entries that users or plays refer to by index, so that what they share is encoded and stored once. */
export class Pool<T> {
  readonly entries: readonly T[];
  readonly #choice: WeightedChoice;

  /** @param weights of the entries, in their order; they need no particular sum. */
  constructor(entries: readonly T[], weights: readonly number[]) {
    this.entries = entries;
    this.#choice = new WeightedChoice(weights);
  }

  /** The index of an entry, drawn by weight. */
  pick(random: Random): number {
    return this.#choice.pick(random);
  }
}
