import { coordinateName } from "../measures/coordinate-name.js";
import type { CoordinateDefinition } from "../measures/measure-definition.js";
import type { ViewDefinition } from "../views/view-definition.js";
import type { StreamDefinition } from "./stream-definition.js";

/**
 * What decoding one stream must produce for all that reads it. Which records are events is a matter of the stream alone:
 * a view that comes or goes must not change what others count.
 */
export interface StreamPlan {
  readonly stream: StreamDefinition;
  /** Sketch coordinates that some view needs, in name order. */
  readonly coordinates: readonly CoordinateDefinition[];
}

/** One plan a topic, for the streams of `views` and those named besides, in topic order. */
export function planStreams(views: readonly ViewDefinition[], streams: readonly StreamDefinition[] = []): readonly StreamPlan[] {
  const topics = new Map<string, { stream: StreamDefinition; coordinates: Map<string, CoordinateDefinition> }>();
  const plan = (stream: StreamDefinition) => {
    let entry = topics.get(stream.topic);
    if (entry === undefined) topics.set(stream.topic, (entry = { stream, coordinates: new Map() }));
    return entry;
  };
  for (const stream of streams) plan(stream);
  for (const view of views) {
    const entry = plan(view.from);
    for (const coordinate of view.coordinates) entry.coordinates.set(coordinateName(coordinate), coordinate);
  }
  const byName = <T>(entries: Iterable<readonly [string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return byName([...topics].map(([topic, { stream, coordinates }]) => [topic, { stream, coordinates: byName(coordinates) }]));
}
