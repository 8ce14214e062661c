import type { Chart } from "./chart.js";

/** A dashboard of Superset. */
export interface Dashboard {
  readonly title: string;
  /** Its name in addresses: `/superset/dashboard/<slug>/`. */
  readonly slug: string;
  /** How often it asks anew while it is looked at, seconds. */
  readonly refreshS: number;
  readonly rows: readonly DashboardRow[];
}

export interface DashboardRow {
  /** In Superset's units of 8 pixels. */
  readonly height: number;
  /** From left to right, each with its width: those of a row are 12 together. */
  readonly charts: readonly (readonly [width: number, chart: Chart])[];
}
