import type { Totals } from "./totals.js";

/** One way of computing the five views from the events in a directory. */
export interface Engine {
  /** The version of what does the work. */
  readonly version: string;
  /** The measured work; its result is turned into totals outside of the measurement. */
  run(): Promise<unknown>;
  totals(result: unknown): Promise<Totals>;
}
