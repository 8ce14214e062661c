import type { carried, Show } from "./carried-type.js";
import type { ColumnType } from "./column-type.js";
import type { StreamDefinition } from "./stream-definition.js";

/** The columns of a stream or model, by name. */
export type Columns = Record<string, ColumnType>;

/** The row that columns `C` present as: `{ song: string | null; duration: number }`. */
export type Row<C extends Columns> = Show<{ -readonly [N in keyof C]: C[N][typeof carried] }>;

/** A typed reading of one topic. `defineStream` makes it. */
export interface Stream<C extends Columns> {
  readonly topic: string;
  readonly columns: C;
  /** What the layers work from. */
  readonly definition: StreamDefinition;
}
