import type { CalendarWindow } from "../http/rolling-range.js";

/** What the live page shows by default, as plain JSON: `defineDashboard` makes it. */
export interface Dashboard {
  readonly title: string;
  /** Length of the range that the page opens with. Default one hour. */
  readonly lastMs?: number;
  /** IANA zone that the page opens with. Default: that of the browser. */
  readonly zone?: string;
  /** In reading order. */
  readonly panels: readonly Panel[];
}

/** One chart or number of the live page. */
export type Panel = TimePanel | TopPanel | BarsPanel | MapPanel | PiePanel | NumberPanel | TrendPanel;
/** How a panel shows its measure. */
export type PanelKind = Panel["kind"];

interface PanelBase {
  readonly title: string;
  /** One sentence under the title. */
  readonly note?: string;
  /** Name of the view. */
  readonly view: string;
  /** Only rows whose dimension has the value, or one of the values. */
  readonly where?: Readonly<Record<string, FilterValue | readonly FilterValue[]>>;
  /** A range of its own, up to now, whatever the page's is. */
  readonly lastMs?: number;
  /** Or what there was since the current hour, day, week, month or year began in the page's zone: "day" is today. Not of a trend. */
  readonly since?: CalendarWindow;
  /** Share of the page's width, on a laptop. Each kind has its default. */
  readonly size?: PanelSize;
  /** How values read. Default "number". */
  readonly format?: ValueFormat;
}

/** A dimension's value as JSON has it: instants as ISO text, exact integers as text. */
export type FilterValue = string | number | boolean | null;
/** Width of a panel, as a part of the page's. */
export type PanelSize = "quarter" | "third" | "half" | "wide" | "full";
/** `percent` takes 1 as 100 %; `seconds` reads as hours and minutes. */
export type ValueFormat = "number" | "percent" | "seconds";

/** Measures over time. */
export interface TimePanel extends PanelBase {
  readonly kind: "time";
  /** One, or several as one series each. */
  readonly measure: string | readonly string[];
  /** What one measure is made of: its batch and speed part, for counts and sums, or the largest values of a dimension. */
  readonly stack?: "layers" | { readonly by: string; readonly limit?: number };
  /** Default "bars". */
  readonly style?: "bars" | "lines";
}

/** The largest groups, as a table. */
export interface TopPanel extends PanelBase {
  readonly kind: "top";
  readonly by: readonly string[];
  /** What the groups are ordered by, largest first. */
  readonly measure: string;
  /** Further measures, as columns. */
  readonly also?: readonly string[];
  /** Default 10. */
  readonly limit?: number;
}

/** The largest groups of one dimension as bars, each whole or made of the values of another dimension. */
export interface BarsPanel extends PanelBase {
  readonly kind: "bars";
  /** What there is a bar, or a group of bars, of. */
  readonly by: string;
  readonly measure: string;
  /** The largest so many. Default 10. */
  readonly limit?: number;
  /** A bar for each value of this dimension: the largest so many (default 6), and no others. */
  readonly split?: { readonly by: string; readonly limit?: number };
  /** With `split`: bars upon each other, for a measure that adds up, or side by side. Default "grouped". */
  readonly style?: "grouped" | "stacked";
  /** `across` has room for long names. Default "up". */
  readonly direction?: "up" | "across";
}

/** A measure by place. */
export interface MapPanel extends PanelBase {
  readonly kind: "map";
  /** The dimension that holds the places: for "us-states" two-letter postal codes, `CA` or `US-CA`. */
  readonly by: string;
  readonly measure: string;
  /** Default "us-states". */
  readonly map?: "us-states";
}

/** Shares of a whole: of a measure that adds up. */
export interface PiePanel extends PanelBase {
  readonly kind: "pie";
  readonly by: readonly string[];
  readonly measure: string;
  /** The largest so many; the others are one share. Default 8. */
  readonly limit?: number;
}

/** One number over the range. */
export interface NumberPanel extends PanelBase {
  readonly kind: "number";
  readonly measure: string;
}

/** One number over the whole windows of the range, beside the range before it, and its course. */
export interface TrendPanel extends PanelBase {
  readonly kind: "trend";
  readonly measure: string;
}
