import { hiveCatalog, hiveEngine } from "@millrace/batch-layer/hive";
import { localFileSystem } from "@millrace/batch-layer/local";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { count, createLambda, defineStream, defineView, timestamp } from "../index.js";
import { memoryPlatform } from "../testing/index.js";
import { examine } from "./examine.js";

const stream = defineStream({ topic: "t", columns: { at: timestamp("ms") }, eventTime: "at" });
const view = defineView({ name: "v", from: stream, by: [], every: "hour", measures: () => ({ n: count() }) });
const never = new AbortController().signal;

it("tries what a run does on a Spark Thrift Server and in its metastore, leaves nothing, and says what to do", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "millrace-doctor-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const checks = async (server: { readonly host: string; readonly port: number }) => {
    const files = localFileSystem({ root });
    const engine = hiveEngine({ files, ...server });
    await using lambda = createLambda({ views: [view], platform: { ...memoryPlatform(), files, engine, catalog: hiveCatalog({ files, engine, database: "doctor_tests" }) } });
    return (await examine(lambda, never)).filter(({ name }) => name === "engine" || name === "catalog");
  };
  expect(await checks({ host: "127.0.0.1", port: 1 })).toMatchObject([
    { name: "engine", ok: false, detail: expect.stringContaining("ECONNREFUSED") as string, advice: expect.stringContaining("a server must answer") as string },
    { name: "catalog", ok: false, advice: expect.stringContaining("metastore") as string },
  ]);
  expect(await checks(inject("spark"))).toEqual([
    { name: "engine", ok: true, detail: "hive answers, integers are exact" },
    { name: "catalog", ok: true, detail: "hive:doctor_tests makes a table and a view, reads and drops them" },
  ]);
  expect(await localFileSystem({ root }).list("doctor", never)).toEqual([]);
});
