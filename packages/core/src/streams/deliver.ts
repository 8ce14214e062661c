import type { Sink } from "../ports/sink.js";
import type { Columns, Row, Stream } from "./stream.js";
import type { StreamDefinition } from "./stream-definition.js";

/** Rows of a stream on their way out of Millrace. `deliver` makes it, and knows that `map` gives what `sink` takes. */
export interface Output {
  readonly stream: StreamDefinition;
  readonly sink: Sink<unknown>;
  /** Undefined: the row is not delivered. */
  readonly map: (row: unknown) => unknown;
}

/**
 * Delivers every event of a stream to a sink, in batches that are the same on every replay. A sink of other rows than
 * the stream's needs a `map`, a pure function of the row. A row for which it gives undefined is not delivered.
 *
 * @example
 * deliver(clicks, crm, (row) => (row.kind === "purchase" ? { customer: row.userId, page: row.page } : undefined));
 */
export function deliver<C extends Columns, R = Row<C>>(
  from: Stream<C>,
  to: Sink<R>,
  ...map: Row<C> extends R ? [map?: (row: Row<C>) => R | undefined] : [map: (row: Row<C>) => R | undefined]
): Output {
  const [mapRow] = map;
  return Object.freeze({
    stream: from.definition,
    sink: to as Sink<unknown>,
    map: mapRow === undefined ? (row: unknown) => row : (mapRow as (row: unknown) => unknown),
  });
}
