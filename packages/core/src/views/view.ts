import type { carried } from "../streams/carried-type.js";
import type { Every, ViewDefinition } from "./view-definition.js";

/**
 * An aggregate declared once. `Dims` are its dimensions and `Out` its measures as rows of an answer have them, `E` its
 * base granularity. `defineView` makes it.
 */
export interface View<Name extends string, Dims, Out, E extends Every> {
  readonly name: Name;
  readonly [carried]: [Dims, Out, E];
  /** What the layers work from. */
  readonly definition: ViewDefinition;
}

/** Any view, where its types do not matter. */
export type AnyView = View<string, {}, {}, Every>;
