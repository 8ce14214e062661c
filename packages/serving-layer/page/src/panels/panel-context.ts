import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { LambdaDescription } from "../../../src/http/served.js";
import type { ViewDescription } from "../../../src/http/describe-view.js";
import type { Panel } from "../../../src/dashboard/dashboard.js";
import { granularityFor } from "../settings/granularity.js";
import { lengthOf, rangeOfWatch, type PanelRange, type Settings } from "../settings/settings.js";
import type { RollingLength } from "../../../src/http/rolling-range.js";
import type { WatchSpec } from "../services/live-connection.js";

/** What every panel is shown with. */
export interface PanelSurroundings {
  readonly settings: Settings;
  readonly lambda: LambdaDescription;
}

export const PanelContext = createContext<PanelSurroundings | undefined>(undefined);

export interface PanelQuestion {
  readonly view: ViewDescription;
  readonly settings: Settings;
  readonly range: PanelRange;
  readonly granularity: string;
  /** The watch of a query of the panel, over its range. */
  readonly ask: (query: Omit<WatchSpec["query"], "from" | "until" | "zone">, range?: Pick<RollingLength, "backMs" | "whole">) => WatchSpec;
}

/** How a panel asks its view. */
export function usePanelQuestion(panel: Panel): PanelQuestion {
  const surroundings = useContext(PanelContext);
  const view = surroundings?.lambda.views.find(({ name }) => name === panel.view);
  if (surroundings === undefined || view === undefined) throw new Error(`the panel "${panel.title}" asks the view "${panel.view}", which is not served`);
  const { settings } = surroundings;
  const range: PanelRange = panel.since !== undefined ? { since: panel.since } : panel.lastMs !== undefined ? { lastMs: panel.lastMs } : settings.range;
  return {
    view,
    settings,
    range,
    granularity: granularityFor(settings.granularity, view.every, lengthOf(range)),
    ask: (query, own) => {
      const { query: fixed, last } = rangeOfWatch(range);
      return {
        view: panel.view,
        query: { ...fixed, zone: settings.zone, ...query, ...(panel.where === undefined ? {} : { where: { ...panel.where, ...query.where } }) },
        ...(last === undefined ? {} : { last: last.since === undefined ? { ...last, ...own } : last }),
      };
    },
  };
}
