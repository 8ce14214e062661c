import type { ModelDefinition } from "./model-definition.js";

/** The topics that models are made from, through whatever models they read, each once. */
export function modelTopics(models: readonly ModelDefinition[]): readonly string[] {
  const topics = new Set<string>();
  // Definitions are made of earlier ones, so there is no cycle.
  const add = ({ from }: ModelDefinition): void => {
    for (const input of Object.values(from)) {
      if (input.from === "stream") topics.add(input.stream.topic);
      else add(input.model);
    }
  };
  models.forEach(add);
  return [...topics];
}
