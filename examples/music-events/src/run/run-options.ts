import type { Pace } from "../feed/pace.js";
import type { Trap } from "../simulator/index.js";

export interface RunOptions {
  readonly dataDir: string;
  readonly pace: Pace;
  /** Simulated events per simulated second, at the start. */
  readonly rate: number;
  readonly seed: number;
  /** Name or path of the simulator's configuration. Default `example`. */
  readonly config?: string;
  /** Sign-ups a year for each user there is. Default 1. */
  readonly growthRate?: number;
  /** What goes wrong on purpose. Default: nothing. */
  readonly traps?: readonly Trap[];
  /** Events of the whole simulation, over all starts; undefined: without end. */
  readonly events: number | undefined;
  /** End once all events have been answered for. */
  readonly exit: boolean;
  /** Where the report goes. */
  readonly json: string | undefined;
  /** Hours of history that a fresh live run simulates first. */
  readonly backfillHours: number;
  /** Where the live page of a run without end listens; undefined: it has none. */
  readonly port: number | undefined;
}
