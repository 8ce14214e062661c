import { unzipSync } from "fflate";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { bundleOf } from "./bundle.js";
import { bundleTexts, bundleZip } from "./bundle-files.js";
import { nameUuid } from "./name-uuid.js";
import { DASHBOARDS } from "./set-up-superset.js";

const KEPT = fileURLToPath(new URL("../../superset", import.meta.url));
const bundle = bundleOf(DASHBOARDS, { uri: "presto://millrace@127.0.0.1:8082/hive", schema: "serving" });

it("the kept files are what the dashboards make", () => {
  const files = readdirSync(KEPT, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml"));
  const kept = Object.fromEntries(files.map((file) => [file.split(path.sep).join("/"), readFileSync(path.join(KEPT, file), "utf8")]));
  expect(kept, "npm run superset -w examples/music-events -- write").toEqual(bundleTexts(bundle));
});

it("is the same bytes always, all in one folder", () => {
  const zip = bundleZip(bundle);
  expect(bundleZip(bundle)).toEqual(zip);
  const files = Object.entries(unzipSync(zip)).map(([file, bytes]) => [file, new TextDecoder().decode(bytes)]);
  expect(Object.fromEntries(files)).toEqual(Object.fromEntries(Object.entries(bundleTexts(bundle)).map(([file, text]) => [`music_events/${file}`, text])));
});

it("everything has a UUID of its own, by its name", () => {
  const ids = Object.values(bundle).flatMap((content) => ("uuid" in content ? [content.uuid as string] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBe(Object.keys(bundle).length - 1);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(nameUuid("database")).toBe("a633ecc2-b0cb-555d-af51-9202cda51c8b");
});

it("the charts of a row are as wide as the page", () => {
  expect(DASHBOARDS.flatMap(({ rows }) => rows.map(({ charts }) => charts.reduce((sum, [width]) => sum + width, 0)))).toEqual(DASHBOARDS.flatMap(({ rows }) => rows.map(() => 12)));
});
