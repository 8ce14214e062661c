import type { Columns } from "../streams/stream.js";
import type { ModelDefinition } from "./model-definition.js";

/** A SQL table of the warehouse. `defineModel` makes it. */
export interface Model<Name extends string, C extends Columns> {
  readonly name: Name;
  readonly columns: C;
  /** What the layers work from. */
  readonly definition: ModelDefinition;
}
