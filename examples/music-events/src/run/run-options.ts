import type { Pace } from "../feed/pace.js";

export interface RunOptions {
  readonly dataDir: string;
  readonly pace: Pace;
  /** Simulated events per simulated second, at the start. */
  readonly rate: number;
  readonly seed: number;
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
