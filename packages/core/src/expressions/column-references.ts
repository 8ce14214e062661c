import type { ColumnDefinition } from "../streams/column-definition.js";
import type { Columns } from "../streams/stream.js";
import { ColumnExpression } from "./column.js";
import type { Refs } from "./column.js";

/**
 * The `c` of `where` and `measures`. A name that is no column calls `unknown` and gives a stand-in, so that plain
 * JavaScript learns of all its mistakes at once, not of the first.
 */
export function columnReferences<C extends Columns>(columns: Readonly<Record<string, ColumnDefinition>>, unknown: (name: string) => void): Refs<C> {
  const references: Record<string, ColumnExpression> = Object.create(null);
  for (const [name, definition] of Object.entries(columns)) references[name] = new ColumnExpression(name, definition);
  return new Proxy(references, {
    get(target, name) {
      if (typeof name === "symbol") return undefined;
      if (name in target) return target[name];
      unknown(name);
      return new ColumnExpression(name, undefined);
    },
  }) as unknown as Refs<C>;
}
