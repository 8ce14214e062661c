import type { CoordinateDefinition, MeasureCell, MeasureDefinition } from "../measures/measure-definition.js";
import type { PredicateNode } from "../expressions/predicate-node.js";
import type { StreamDefinition } from "../streams/stream-definition.js";

/** Length of a view's stored windows, in UTC. */
export type Every = "second" | "minute" | "hour";

/** Lengths of windows, ms. */
export const EVERY_MS: Readonly<Record<Every, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };

/** An aggregate declared once, resolved: what every layer works from. `defineView` makes it. */
export interface ViewDefinition {
  readonly name: string;
  readonly from: StreamDefinition;
  readonly where?: PredicateNode;
  /** The dimensions: names of columns of `from`, in declared order. */
  readonly by: readonly string[];
  readonly every: Every;
  readonly measures: readonly MeasureDefinition[];
  /** The cells of all measures, in order, each once: the value columns of stored rows. */
  readonly cells: readonly MeasureCell[];
  /** The sketch coordinates that decoding must compute for this view. */
  readonly coordinates: readonly CoordinateDefinition[];
  /**
   * A hash (hex, 16 characters) over stream, decoder version, view, measures and physical layout, kept with rows and
   * generations. A changed view is a new table, rebuilt by replay from the cut; different fingerprints never merge.
   */
  readonly fingerprint: string;
}
