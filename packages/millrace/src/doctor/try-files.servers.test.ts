import { randomUUID } from "node:crypto";
import { expect, inject, it } from "vitest";
import { hdfsFileSystem } from "@millrace/batch-layer/hdfs";
import { hiveEngine } from "@millrace/batch-layer/hive";
import { tryEngineFiles } from "./try-engine-files.js";
import { tryFiles } from "./try-files.js";

const { webAddress, uri, user } = inject("hdfs");
const { signal } = new AbortController();

it("doctor uses HDFS, and Spark on it, for real and leaves nothing", async () => {
  const files = hdfsFileSystem({ nameNodes: [webAddress], user, root: `/doctor-${randomUUID()}`, fileSystemUri: uri });
  const engine = hiveEngine({ files, ...inject("spark") });
  expect(await tryFiles({ files }, signal)).toBe("hdfs writes, publishes, refuses to overwrite, replaces, reads back, lists, removes");
  expect(await tryEngineFiles({ engine, files }, signal)).toBe("hive writes and reads tables in hdfs");
  expect(await files.list("", signal)).toEqual([]);
  await engine.close();
  await files.close();
});
