import type { Panel } from "../../../src/dashboard/dashboard.js";
import { BarsPanelView } from "./bars-panel.js";
import { MapPanelView } from "./map-panel.js";
import { NumberPanelView } from "./number-panel.js";
import { PiePanelView } from "./pie-panel.js";
import { TimePanelView } from "./time-panel.js";
import { TopPanelView } from "./top-panel.js";
import { TrendPanelView } from "./trend-panel.js";

/** A panel of a dashboard, by its kind. */
export function PanelView({ panel }: { readonly panel: Panel }) {
  switch (panel.kind) {
    case "time":
      return <TimePanelView panel={panel} />;
    case "top":
      return <TopPanelView panel={panel} />;
    case "bars":
      return <BarsPanelView panel={panel} />;
    case "map":
      return <MapPanelView panel={panel} />;
    case "pie":
      return <PiePanelView panel={panel} />;
    case "number":
      return <NumberPanelView panel={panel} />;
    case "trend":
      return <TrendPanelView panel={panel} />;
  }
}
