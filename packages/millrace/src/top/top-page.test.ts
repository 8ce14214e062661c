import type { Generation } from "@millrace/core";
import type { PartitionTrust, Trust } from "@millrace/serving-layer";
import { expect, it } from "vitest";
import { span, topPage } from "./top-page.js";

const AT = Date.UTC(2026, 2, 1, 10);
const partition = (end: number, more: Partial<PartitionTrust> = {}): PartitionTrust => ({
  partition: 0,
  logVersion: 1_024,
  log: { start: 0, end },
  cut: 100,
  reach: 180,
  lag: end - 180,
  segments: { sealed: 1, open: 1, records: 80, chain: [] },
  master: { segments: 1, records: 100, until: 100 },
  watermark: AT,
  late: 3,
  deadLetters: 2,
  heartbeatAgeMs: 400,
  complete: true,
  ...more,
});
const trust = (end: number, more: Partial<PartitionTrust> = {}, missing: Trust["topics"][number]["views"][number]["missing"] = []): Trust => ({
  at: AT,
  generation: { number: 7, publishedAt: AT - 125_000 },
  topics: [{ topic: "orders", views: [{ view: "sales", complete: missing.length === 0, missing }], complete: missing.length === 0, lag: 0, late: 3, deadLetters: 2, watermark: AT, partitions: [partition(end, more)] }],
});
const generation: Generation = {
  format: 1, number: 7, parent: 6, kind: "incremental", contentOf: null, startedAt: AT - 127_500, publishedAt: AT - 125_000, cut: {}, cutAt: null,
  tables: [{ name: "sales", kind: "view", partitioned: "date", fingerprint: "f", versions: {} }],
  drift: [{ view: "sales", status: "none", rowsCompared: 4 }],
  checks: [],
};
/** The cells of the lines that have them. */
const cells = (page: string): string[][] => page.split("\n").filter((line) => line.includes("│")).map((line) => line.replace(/\u001b\[\d+m/g, "").split("│").slice(1, -1).map((cell) => cell.trim()));

it("has a line a partition, with the rate since the page before, and the newest generations", () => {
  const page = topPage({ trust: trust(200), before: { trust: trust(150), agoMs: 2_000 }, generations: [5, 6, 7, 8].map((number) => ({ ...generation, number })) });
  expect(page.split("\n")[0]).toBe("2026-03-01T10:00:00.000Z   generation 7, published 2 min ago   answers are complete");
  expect(cells(page)).toEqual([
    ["topic", "partition", "log end", "records/s", "durable", "lag", "worker", "segments", "master until", "cut", "late", "dead letters"],
    ["orders", "0", "200", "25", "180", "20", "0.4 s ago", "1 sealed, 1 open", "100", "100", "3", "2"],
    ["generation", "kind", "published", "took", "tables", "drift"],
    ...[6, 7, 8].map((number) => [String(number), "incremental", "2026-03-01T09:57:55.000Z", "2.5 s", "1", "0"]),
  ]);
});

it("says what answers lack, and leaves out what nobody knows", () => {
  const missing = [{ topic: "orders", logVersion: 1_024, partition: 0, from: 180, until: null, reason: "unread" as const }];
  const page = topPage({ trust: { ...trust(200, { heartbeatAgeMs: null, reach: null, lag: null }, missing), generation: null }, generations: [] });
  expect(page).toContain("no generation yet   answers are NOT complete");
  expect(page).toContain("sales lacks orders/0 [180, end): unread");
  expect(cells(page)[1]).toEqual(["orders", "0", "200", "", "", "", "", "", "100", "100", "3", "2"]);
});

it("counts the views that differ and those that cannot be compared", () => {
  const views = ["a", "b", "c"].map((view) => ({ view, status: "not-comparable" as const, reason: "quiet" }));
  const drifted = { ...generation, drift: [...views, { view: "d", status: "list" as const, rows: [], total: 2 }] };
  expect(cells(topPage({ trust: trust(200), generations: [drifted] })).at(-1)!.at(-1)).toBe("1 view differs, 3 views not comparable");
});

it.each([[400, "0.4 s"], [59_900, "59.9 s"], [60_000, "1 min"], [7_200_000, "2 h"], [5 * 86_400_000, "5 d"]])("%d ms are %s", (ms, text) => expect(span(ms)).toBe(text));
