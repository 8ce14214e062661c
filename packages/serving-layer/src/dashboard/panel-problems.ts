import { unknownName, type Problem } from "@millrace/core";
import type { ViewDescription } from "../http/describe-view.js";
import type { Panel } from "./dashboard.js";

const KINDS = ["time", "top", "map", "pie", "number", "trend"];

/** What a panel cannot show of its view. */
export function panelProblems(panel: Panel, view: ViewDescription): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => void problems.push({ path, message });
  const measures = view.measures.map(({ name }) => name);
  const dimensions = view.dimensions.map(({ name }) => name);
  const measure = (path: string, name: string) => {
    if (!measures.includes(name)) report(path, `view "${view.name}" has no measure ${unknownName(name, measures)}`);
  };
  const dimension = (path: string, name: string) => {
    if (!dimensions.includes(name)) report(path, `view "${view.name}" has no dimension ${unknownName(name, dimensions)}`);
  };
  const adding = (path: string, name: string, what: string) => {
    if (view.measures.some((one) => one.name === name && !one.addsUp)) report(path, `"${name}" does not add up: ${what} needs a count or a sum`);
  };

  if (!KINDS.includes(panel.kind)) {
    report("kind", `there is no panel ${unknownName(String(panel.kind), KINDS)}`);
    return problems;
  }
  const asked = typeof panel.measure === "string" ? [panel.measure] : panel.measure;
  if (asked.length === 0) report("measure", "a panel needs a measure");
  for (const name of asked) measure("measure", name);
  for (const name of Object.keys(panel.where ?? {})) dimension(`where.${name}`, name);
  switch (panel.kind) {
    case "time":
      if (panel.stack !== undefined && asked.length > 1) report("stack", "a panel stacks one measure");
      if (panel.stack === "layers") for (const name of asked) adding("stack", name, "a batch and a speed part");
      else if (panel.stack !== undefined) dimension("stack.by", panel.stack.by);
      break;
    case "top":
    case "pie":
      if (panel.by.length === 0) report("by", "a panel of this kind needs a dimension");
      for (const name of panel.by) dimension("by", name);
      if (panel.kind === "pie") adding("measure", panel.measure, "a share of the whole");
      else for (const name of panel.also ?? []) measure("also", name);
      break;
    case "map":
      dimension("by", panel.by);
      break;
    case "number":
    case "trend":
      break;
  }
  return problems;
}
