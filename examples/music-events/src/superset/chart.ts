import type { Dataset } from "./dataset.js";
import { TIME_COLUMN } from "./dataset.js";

/** A chart of Superset: what it asks a dataset, and how it draws the answer. */
export interface Chart {
  readonly title: string;
  readonly dataset: Dataset;
  /** Superset's name of the kind. */
  readonly kind: string;
  readonly metric: string;
  readonly groupBy: readonly string[];
  /** ISO 8601 length that the time column is cut to, where it is grouped by. */
  readonly grain?: string;
  /** Superset's words for the time that is asked for. */
  readonly timeRange: string;
  readonly rowLimit: number;
  /** Whether the rows with the most come first. */
  readonly mostFirst: boolean;
  /** The settings of the kind. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What every kind takes. */
interface Asked {
  readonly title: string;
  readonly dataset: Dataset;
  readonly metric: string;
  readonly timeRange?: string;
}

const EVER = "No filter";
const NUMBER = { header_font_size: 0.4, subheader_font_size: 0.15, y_axis_format: "SMART_NUMBER", time_format: "smart_date" };
const LEGEND = { show_legend: true, legendType: "scroll", legendOrientation: "top", color_scheme: "supersetColors" };

const chart = ({ timeRange = EVER, ...asked }: Asked, kind: string, settings: Chart["settings"], rest: Partial<Chart> = {}): Chart => ({ ...asked, kind, timeRange, groupBy: [], rowLimit: 10_000, mostFirst: false, settings: "metrics" in settings ? settings : { metric: asked.metric, ...settings }, ...rest });

/** One number. */
export const total = (asked: Asked & { readonly subtitle: string }): Chart => chart(asked, "big_number_total", { ...NUMBER, subtitle: asked.subtitle });

/** The last number of a line, with the difference from the one before. */
export const trend = (asked: Asked & { readonly grain: string; readonly comparedTo: string }): Chart =>
  chart(asked, "big_number", { ...NUMBER, x_axis: TIME_COLUMN, time_grain_sqla: asked.grain, compare_lag: 1, compare_suffix: asked.comparedTo, show_trend_line: true, start_y_axis_at_zero: true, rolling_type: "None", color_picker: { r: 0, g: 122, b: 135, a: 1 } }, { groupBy: [TIME_COLUMN], grain: asked.grain });

/** A filled line over time. */
export const area = (asked: Asked & { readonly grain: string }): Chart =>
  chart(
    asked,
    "echarts_area",
    { ...LEGEND, metrics: [asked.metric], groupby: [], x_axis: TIME_COLUMN, time_grain_sqla: asked.grain, order_desc: true, row_limit: 10_000, truncate_metric: true, show_empty_columns: true, comparison_type: "values", annotation_layers: [], seriesType: "line", opacity: 0.2, markerSize: 6, x_axis_time_format: "smart_date", rich_tooltip: true, tooltipTimeFormat: "smart_date", y_axis_format: "SMART_NUMBER", y_axis_bounds: [null, null] },
    { groupBy: [TIME_COLUMN], grain: asked.grain },
  );

/** The states of the USA in shades; `code` is a column of ISO 3166-2 codes. */
export const usaMap = (asked: Asked & { readonly code: string }): Chart =>
  chart(asked, "country_map", { entity: asked.code, select_country: "usa", number_format: "SMART_NUMBER", linear_color_scheme: "superset_seq_1", row_limit: 10_000 }, { groupBy: [asked.code], mostFirst: true });

/** A bar for each value of a column, in parts by another one. */
export const stackedBars = (asked: Asked & { readonly by: string; readonly split: string }): Chart =>
  chart(
    asked,
    "echarts_timeseries_bar",
    { ...LEGEND, metrics: [asked.metric], groupby: [asked.split], x_axis: asked.by, x_axis_sort: asked.by, x_axis_sort_asc: true, order_desc: true, row_limit: 1_000, orientation: "vertical", stack: "Stack", truncate_metric: true, rich_tooltip: true, y_axis_format: "SMART_NUMBER", y_axis_bounds: [null, null] },
    { groupBy: [asked.by, asked.split], rowLimit: 1_000 },
  );

/** A table of columns and the day; the rows with the most come first. */
export const topTable = (asked: Asked & { readonly columns: readonly string[] }): Chart =>
  chart(
    asked,
    "table",
    { query_mode: "aggregate", groupby: [...asked.columns, TIME_COLUMN], metrics: [asked.metric], time_grain_sqla: "P1D", temporal_columns_lookup: { [TIME_COLUMN]: true }, timeseries_limit_metric: asked.metric, order_desc: true, row_limit: 100, server_page_length: 10, table_timestamp_format: "%Y-%m-%d", show_cell_bars: true, color_pn: true, percent_metrics: [] },
    { groupBy: [...asked.columns, TIME_COLUMN], grain: "P1D", rowLimit: 100, mostFirst: true },
  );

/** A slice for each value of a column. */
export const pie = (asked: Asked & { readonly by: string }): Chart =>
  chart(asked, "pie", { ...LEGEND, groupby: [asked.by], row_limit: 100, sort_by_metric: true, label_type: "key_percent", number_format: "SMART_NUMBER", show_labels: true, show_labels_threshold: 5, labels_outside: true, outerRadius: 70, innerRadius: 30, donut: false }, { groupBy: [asked.by], rowLimit: 100, mostFirst: true });
