// The parts of ECharts that the page draws with.
import { BarChart, LineChart, MapChart, PieChart } from "echarts/charts";
import { GeoComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, MapChart, PieChart, GeoComponent, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

export { init, registerMap };
export type { EChartsCoreOption, EChartsType } from "echarts/core";
