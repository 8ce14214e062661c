import type { ModelDefinition } from "@millrace/core";

/** The models with all that they read from, each after what it reads and what it refers to. */
export function modelOrder(models: readonly ModelDefinition[]): readonly ModelDefinition[] {
  const ordered = new Map<string, ModelDefinition>();
  // Definitions are made of earlier ones, so there is no cycle.
  const add = (model: ModelDefinition) => {
    if (ordered.has(model.name)) return;
    for (const input of Object.values(model.from)) if (input.from === "model") add(input.model);
    for (const referenced of Object.values(model.references)) add(referenced);
    ordered.set(model.name, model);
  };
  models.forEach(add);
  return [...ordered.values()];
}
