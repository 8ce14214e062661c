import { unknownName, type Problem } from "@millrace/core";
import type { ViewDescription } from "../http/describe-view.js";
import { CALENDAR_WINDOWS } from "../http/rolling-range.js";
import type { Panel } from "./dashboard.js";

const KINDS = ["time", "top", "bars", "map", "pie", "number", "trend"];

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
  if (panel.since !== undefined) {
    if (!CALENDAR_WINDOWS.includes(panel.since)) report("since", `there is no ${unknownName(String(panel.since), CALENDAR_WINDOWS)}`);
    if (panel.lastMs !== undefined) report("since", "a panel has one range: `since` or `lastMs`");
    if (panel.kind === "trend") report("since", "a trend compares ranges of one length: it takes `lastMs`");
  }
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
    case "bars":
      dimension("by", panel.by);
      if (panel.split !== undefined) {
        dimension("split.by", panel.split.by);
        if (panel.split.by === panel.by) report("split.by", `"${panel.by}" is what the bars are of already`);
      }
      if (panel.style !== undefined && panel.split === undefined) report("style", "bars that are not split are neither grouped nor stacked");
      if (panel.style === "stacked") adding("measure", panel.measure, "a stack");
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
