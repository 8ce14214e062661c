import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { createHttpMetrics } from "../../packages/serving-layer/src/http/http-metrics.js";
import { addWorkerGauges } from "../../packages/serving-layer/src/http/worker-gauges.js";
import { root } from "../packages.mjs";

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly targets?: readonly { readonly expr: string }[]; readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number } }[];
}

const dashboard = JSON.parse(await readFile(path.join(root, "docker/grafana/millrace.json"), "utf8")) as Dashboard;
const { registry } = createHttpMetrics();
addWorkerGauges(registry, () => []);
const metrics = registry.getMetricsAsArray();

/** The names under which Prometheus keeps a metric. */
const seriesOf = ({ name, type }: { readonly name: string; readonly type: unknown }): readonly string[] => (type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]);
const named = dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr.match(/\b(?:millrace|process|nodejs)_\w+/g) ?? []));

it("names only metrics that the code has", () => {
  const there = new Set(metrics.map((metric) => ({ name: metric.name, type: metric.type as unknown })).flatMap(seriesOf));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !there.has(name))).toEqual([]);
});

it("shows every metric of Millrace, and labels that it has", () => {
  const own = metrics.filter(({ name }) => name.startsWith("millrace_"));
  expect(own.filter((metric) => !seriesOf({ name: metric.name, type: metric.type }).some((name) => named.includes(name))).map(({ name }) => name)).toEqual([]);
  const labels = new Set(["le", "instance", "part", "job", ...metrics.flatMap((metric) => (metric as unknown as { readonly labelNames: readonly string[] }).labelNames ?? [])]);
  const used = dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(", "))));
  expect(used.filter((label) => !labels.has(label))).toEqual([]);
});

it("has panels that lie beside each other", () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`));
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});
