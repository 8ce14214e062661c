import { tableIn, type CatalogTable, type Generation, type ModelDefinition, type SqlDialect, type ViewDefinition } from "@millrace/core";
import { modelTableColumns } from "../models/model-columns.js";
import { modelOrder } from "../models/model-order.js";
import { viewTableColumns } from "./view-select.js";

/** The tables of a generation, with the columns of those that are declared as they were built. */
export function catalogTables(generation: Generation, views: readonly ViewDefinition[], models: readonly ModelDefinition[], dialect: SqlDialect): readonly CatalogTable[] {
  const columns = new Map<string, Readonly<Record<string, string>>>();
  const declare = (kind: "view" | "model", { name, fingerprint }: ViewDefinition | ModelDefinition, types: () => Readonly<Record<string, string>>) => {
    if (tableIn(generation, { name, kind, fingerprint }) !== undefined) columns.set(`${kind} ${name}`, types());
  };
  for (const view of views) declare("view", view, () => viewTableColumns(view, dialect));
  for (const model of modelOrder(models)) declare("model", model, () => modelTableColumns(model, dialect));
  return generation.tables.map((table) => {
    const declared = columns.get(`${table.kind} ${table.name}`);
    return declared === undefined ? table : { ...table, columns: declared };
  });
}
