import type { Chart } from "./chart.js";
import type { Dashboard } from "./dashboard.js";
import type { Dataset } from "./dataset.js";
import { TIME_COLUMN } from "./dataset.js";
import { nameUuid } from "./name-uuid.js";

/** Where Superset finds the merged views. */
export interface BundleSource {
  /** As SQLAlchemy writes it: `presto://user@host:port/catalog`. */
  readonly uri: string;
  readonly schema: string;
}

/** The files of a bundle by their paths. What is in them is JSON, and so YAML as well. */
export type Bundle = Readonly<Record<string, object>>;

/** Of the connection, and of the folder of its datasets. */
export const DATABASE = "music_events";
const VERSION = "1.0.0";

/**
 * Dashboards with all that they show, as Superset imports assets (`/api/v1/assets/import/`, or `superset
 * import-directory -o`). Both replace what has the same UUIDs; the import of dashboards would leave charts and datasets
 * as they are.
 */
export function bundleOf(dashboards: readonly Dashboard[], source: BundleSource): Bundle {
  const charts = dashboards.flatMap((dashboard) => chartsOf(dashboard).map((chart) => ({ chart, id: chartUuid(dashboard, chart), file: `charts/${dashboard.slug}/${fileName(chart.title)}.yaml` })));
  const datasets = new Map(charts.map(({ chart }) => [chart.dataset.name, chart.dataset]));
  return {
    // Superset wants a time here, and makes nothing of it.
    "metadata.yaml": { version: VERSION, type: "assets", timestamp: "2026-01-01T00:00:00+00:00" },
    [`databases/${DATABASE}.yaml`]: databaseFile(source),
    ...Object.fromEntries([...datasets.values()].map((dataset) => [`datasets/${DATABASE}/${dataset.name}.yaml`, datasetFile(dataset, source)])),
    ...Object.fromEntries(charts.map(({ chart, id, file }) => [file, chartFile(chart, id)])),
    ...Object.fromEntries(dashboards.map((dashboard) => [`dashboards/${dashboard.slug}.yaml`, dashboardFile(dashboard)])),
  };
}

const chartsOf = ({ rows }: Dashboard): readonly Chart[] => rows.flatMap(({ charts }) => charts.map(([, chart]) => chart));
const chartUuid = ({ slug }: Dashboard, { title }: Chart): string => nameUuid("chart", slug, title);
const fileName = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");

const databaseFile = ({ uri }: BundleSource): object => ({
  database_name: DATABASE,
  sqlalchemy_uri: uri,
  cache_timeout: null,
  expose_in_sqllab: true,
  allow_run_async: false,
  allow_ctas: false,
  allow_cvas: false,
  allow_dml: false,
  // Seconds between two looks whether a statement has ended; without it one.
  extra: { allows_virtual_table_explore: true, metadata_params: {}, engine_params: { connect_args: { poll_interval: 0.1 } }, metadata_cache_timeout: {} },
  uuid: nameUuid("database"),
  version: VERSION,
});

const datasetFile = ({ name, columns, metrics }: Dataset, { schema }: BundleSource): object => ({
  table_name: name,
  main_dttm_col: TIME_COLUMN,
  description: null,
  default_endpoint: null,
  offset: 0,
  cache_timeout: null,
  schema,
  sql: null,
  params: null,
  template_params: null,
  filter_select_enabled: true,
  fetch_values_predicate: null,
  extra: null,
  normalize_columns: false,
  always_filter_main_dttm: false,
  uuid: nameUuid("dataset", name),
  metrics: Object.entries(metrics).map(([metric_name, expression]) => ({ metric_name, verbose_name: null, metric_type: null, expression, description: null, d3format: null, extra: {}, warning_text: null })),
  columns: columns.map(({ name: column_name, type, sql = null }) => ({ column_name, verbose_name: column_name === TIME_COLUMN ? "time" : null, is_dttm: type === "TIMESTAMP", is_active: true, type, groupby: true, filterable: true, expression: sql, description: null, python_date_format: null, extra: {} })),
  version: VERSION,
  database_uuid: nameUuid("database"),
});

const chartFile = (chart: Chart, uuid: string): object => ({
  slice_name: chart.title,
  description: null,
  certified_by: null,
  certification_details: null,
  viz_type: chart.kind,
  params: { viz_type: chart.kind, adhoc_filters: [{ clause: "WHERE", subject: TIME_COLUMN, operator: "TEMPORAL_RANGE", comparator: chart.timeRange, expressionType: "SIMPLE" }], ...chart.settings },
  query_context: JSON.stringify(queryContext(chart)),
  cache_timeout: null,
  uuid,
  version: VERSION,
  dataset_uuid: nameUuid("dataset", chart.dataset.name),
});

/** What the page would ask: with it a chart's data can be had over REST before anybody has opened it. The import puts the dataset's id in. */
function queryContext({ kind, metric, groupBy, grain, timeRange, rowLimit, mostFirst }: Chart): object {
  const time = { timeGrain: grain, columnType: "BASE_AXIS", sqlExpression: TIME_COLUMN, label: TIME_COLUMN, expressionType: "SQL" };
  const query = {
    columns: groupBy.map((column) => (column === TIME_COLUMN ? time : column)),
    metrics: [metric],
    filters: [{ col: TIME_COLUMN, op: "TEMPORAL_RANGE", val: timeRange }],
    row_limit: rowLimit,
    orderby: mostFirst ? [[metric, false]] : [],
    extras: { having: "", where: "" },
    annotation_layers: [],
    applied_time_extras: {},
    url_params: {},
    custom_params: {},
    custom_form_data: {},
  };
  return { datasource: { id: 0, type: "table" }, force: false, queries: [query], form_data: { viz_type: kind, datasource: "0__table" }, result_format: "json", result_type: "full" };
}

function dashboardFile(dashboard: Dashboard): object {
  const ids = new Map(chartsOf(dashboard).map((chart, i) => [chart, i + 1]));
  const rows = dashboard.rows.map((row, i) => ({ ...row, id: `ROW-${i + 1}` }));
  const inGrid = ["ROOT_ID", "GRID_ID"];
  const position = {
    DASHBOARD_VERSION_KEY: "v2",
    ROOT_ID: { id: "ROOT_ID", type: "ROOT", children: ["GRID_ID"] },
    GRID_ID: { id: "GRID_ID", type: "GRID", children: rows.map(({ id }) => id), parents: ["ROOT_ID"] },
    HEADER_ID: { id: "HEADER_ID", type: "HEADER", meta: { text: dashboard.title } },
    ...Object.fromEntries(rows.map(({ id, charts }) => [id, { id, type: "ROW", children: charts.map(([, chart]) => `CHART-${ids.get(chart)}`), parents: inGrid, meta: { background: "BACKGROUND_TRANSPARENT" } }])),
    ...Object.fromEntries(
      rows.flatMap(({ id: row, height, charts }) =>
        charts.map(([width, chart]) => {
          const id = `CHART-${ids.get(chart)}`;
          return [id, { id, type: "CHART", children: [], parents: [...inGrid, row], meta: { chartId: ids.get(chart), width, height, sliceName: chart.title, uuid: chartUuid(dashboard, chart) } }];
        }),
      ),
    ),
  };
  return {
    dashboard_title: dashboard.title,
    description: null,
    css: "",
    slug: dashboard.slug,
    certified_by: null,
    certification_details: null,
    published: true,
    uuid: nameUuid("dashboard", dashboard.slug),
    position,
    metadata: {
      native_filter_configuration: [],
      chart_configuration: {},
      cross_filters_enabled: true,
      refresh_frequency: dashboard.refreshS,
      timed_refresh_immune_slices: [],
      expanded_slices: {},
      label_colors: {},
      // Charts name their own. One of the whole dashboard would give each state of the map a colour, and no shade.
      color_scheme: "",
    },
    version: VERSION,
  };
}
