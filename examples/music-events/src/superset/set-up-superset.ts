import type { BundleSource } from "./bundle.js";
import { bundleOf, DATABASE } from "./bundle.js";
import { bundleZip } from "./bundle-files.js";
import { liveDashboard } from "./live-dashboard.js";
import type { SupersetLogin } from "./superset-rest.js";
import { SupersetRest } from "./superset-rest.js";

/** The dashboards of the example. */
export const DASHBOARDS = [liveDashboard];

/** What was put into a Superset. */
export interface SupersetSetUp {
  /** Addresses. */
  readonly dashboards: readonly string[];
  /** Views that are not in Presto: charts over them show an error until they are. */
  readonly missing: readonly string[];
}

/**
 * Puts the dashboards into a Superset. Doing it again replaces them: changes that were made by hand in what it brings are
 * lost then, what was added stays.
 *
 * @throws {SupersetUnreachableError}, {SupersetRefusedError}
 */
export async function setUpSuperset(login: SupersetLogin, source: BundleSource, signal?: AbortSignal): Promise<SupersetSetUp> {
  const superset = await SupersetRest.login(login, signal);
  // Superset tells why a database does not answer, but not why an import fails.
  await superset.tryDatabase(source.uri, signal);
  await superset.importAssets(bundleZip(bundleOf(DASHBOARDS, source)), signal);
  const there = await superset.tables(DATABASE, source.schema, signal);
  const wanted = DASHBOARDS.flatMap(({ rows }) => rows.flatMap(({ charts }) => charts.map(([, { dataset }]) => dataset.name)));
  return {
    dashboards: DASHBOARDS.map(({ slug }) => `${login.url.replace(/\/+$/, "")}/superset/dashboard/${slug}/`),
    missing: [...new Set(wanted)].filter((name) => !there.includes(name)).sort(),
  };
}
