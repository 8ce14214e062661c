import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { count, createLambda, defineStream, defineView, timestamp } from "../index.js";
import { memoryPlatform } from "../testing/index.js";
import { examine } from "./examine.js";

const stream = defineStream({ topic: "t", columns: { at: timestamp("ms") }, eventTime: "at" });
const view = defineView({ name: "v", from: stream, by: [], every: "hour", measures: () => ({ n: count() }) });

it("tells the free space where a data folder will be that is not there yet", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "millrace-doctor-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const dataDir = path.join(root, "not", "yet");
  const platform = { ...memoryPlatform(), dataDir };
  await using lambda = createLambda({ views: [view], platform });
  const disk = (await examine(lambda, new AbortController().signal)).find(({ name }) => name === "disk");
  expect(disk).toMatchObject({ ok: true, detail: expect.stringMatching(/GiB free in .*not.yet$/) as string });
});
