import { readRunState } from "./run-state.js";
import type { ServerKind } from "./server-kind.js";

/** The options that a run folder was made with, as far as its data depend on them; none for a new one. */
export function optionsOf<Options>(kind: ServerKind<Options>, runDir: string): Partial<Options> {
  const state = readRunState(runDir);
  return state?.server === kind.name ? (state.shape as Partial<Options>) : {};
}
