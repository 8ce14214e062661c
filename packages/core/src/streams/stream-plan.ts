import { coordinateName } from "../measures/coordinate-name.js";
import type { CoordinateDefinition } from "../measures/measure-definition.js";
import type { ViewDefinition } from "../views/view-definition.js";
import type { StreamDefinition } from "./stream-definition.js";

/** What decoding one stream must produce for all that reads it. Every layer decodes by the same plan. */
export interface StreamPlan {
  readonly stream: StreamDefinition;
  /** Sketch coordinates that some view needs, in name order. */
  readonly coordinates: readonly CoordinateDefinition[];
  /** Text columns that are a dimension of some view: longer than `maxTextBytes` makes a dead letter. In name order. */
  readonly dimensionColumns: readonly string[];
}

/** One plan a topic, for the streams of `views` and those named besides, in topic order. */
export function planStreams(views: readonly ViewDefinition[], streams: readonly StreamDefinition[] = []): readonly StreamPlan[] {
  const topics = new Map<string, { stream: StreamDefinition; coordinates: Map<string, CoordinateDefinition>; dimensions: Set<string> }>();
  const plan = (stream: StreamDefinition) => {
    let entry = topics.get(stream.topic);
    if (entry === undefined) topics.set(stream.topic, (entry = { stream, coordinates: new Map(), dimensions: new Set() }));
    return entry;
  };
  for (const stream of streams) plan(stream);
  for (const view of views) {
    const entry = plan(view.from);
    for (const coordinate of view.coordinates) entry.coordinates.set(coordinateName(coordinate), coordinate);
    for (const column of view.by) if (view.from.columns[column]?.kind === "text") entry.dimensions.add(column);
  }
  const byName = <T>(entries: Iterable<readonly [string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return byName(
    [...topics].map(([topic, { stream, coordinates, dimensions }]) => [
      topic,
      { stream, coordinates: byName(coordinates), dimensionColumns: [...dimensions].sort() },
    ]),
  );
}
