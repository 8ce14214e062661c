import { describeProgress, ManifestCatalog, MillraceError, readCurrent, readRunProgress, type AnyView, type Platform } from "@millrace/core";
import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { EmbeddedPlatform } from "../embedded/embedded.js";
import type { Lambda } from "../lambda/lambda.js";
import type { Check } from "./check.js";
import { tryEngineFiles } from "./try-engine-files.js";
import { tryFiles } from "./try-files.js";

const MIN_FREE_BYTES = 1024 ** 3;

/**
 * Checks a lambda's platform by doing: each port is used for real, in a place of its own. A failed check never stops the
 * others.
 */
export async function examine(lambda: Lambda<AnyView>, signal: AbortSignal): Promise<readonly Check[]> {
  const { platform, definitions } = lambda;
  const checks: Check[] = [];
  /** `otherwise` is what to do where the error itself says nothing. */
  const attempt = async (name: string, job: () => Promise<string>, otherwise?: string) => {
    try {
      checks.push({ name, ok: true, detail: await job() });
    } catch (error) {
      const advice = (error instanceof MillraceError ? error.advice : undefined) ?? otherwise;
      checks.push({
        name,
        ok: false,
        detail: error instanceof Error ? error.message : String(error),
        ...(advice === undefined ? {} : { advice }),
      });
    }
  };

  await attempt("node", () => Promise.resolve(`${process.version} on ${process.platform} ${process.arch}`));
  await attempt("files", () => tryFiles(platform, signal));
  if (isEmbedded(platform)) await attempt("disk", () => tryDisk(platform.dataDir));
  await attempt("engine", () => tryEngine(platform, signal), "a server must answer where the engine is told to look for it, and let the user in");
  const { catalog } = platform;
  if (catalog !== undefined) {
    const doing = "the user must be allowed to make databases, tables and views in the metastore, which must reach the files";
    await attempt("catalog", () => catalog.probe(signal).then(() => `${catalog.name} makes a table and a view, reads and drops them`), doing);
  }
  await attempt("tables", () => tryEngineFiles(platform, signal));
  await attempt("store", async () => {
    await platform.store.prepare(definitions.views, signal);
    return `${platform.store.name} is prepared for ${definitions.views.length} views`;
  });
  for (const { stream } of definitions.plans) {
    await attempt(`topic ${stream.topic}`, async () => {
      const { partitions, timestamps, compacted, retentionMs } = await platform.log.describe(stream.topic, signal);
      if (compacted) throw new Error("the topic is compacted: the master dataset needs every record");
      const records = partitions.reduce((sum, { start, end }) => sum + end - start, 0);
      return `${partitions.length} partitions, ${records.toLocaleString("en-US")} offsets, timestamps by ${timestamps}, ${retentionMs === null ? "kept for ever" : `kept ${retentionMs} ms`}`;
    });
    await attempt(`master dataset ${stream.topic}`, async () => {
      const catalog = new ManifestCatalog(platform.files, stream.topic);
      const manifests = await catalog.refresh(signal);
      return `${manifests.length} segments, no hole`;
    });
  }
  await attempt("generation", async () => {
    const current = await readCurrent(platform.files, signal);
    return current === null ? "none yet: answers come from the speed layer alone" : `${current.number} is served`;
  });
  await attempt("back-fill", async () => {
    const runs = await readRunProgress(platform.files, signal);
    const told = runs.flatMap((run) => run.tables.slice(0, 1).map((table) => describeProgress([run], table)));
    return told.length === 0 ? "no table is being built anew" : told.join("; ");
  });
  for (const view of definitions.views) {
    await attempt(`view ${view.name}`, async () => {
      const now = platform.clock.now();
      const ask = lambda.query as unknown as (view: string, query: object, signal: AbortSignal) => Promise<{ readonly rows: readonly unknown[] }>;
      const answer = await ask(view.name, { from: new Date(now - 3_600_000), until: new Date(now), granularity: "all", by: [] }, signal);
      return `answers (${answer.rows.length} rows for the last hour)`;
    });
  }
  return checks;
}

async function tryEngine({ engine }: Platform, signal: AbortSignal): Promise<string> {
  const { blocks } = await engine.query("SELECT 9007199254740993 AS exact", signal);
  for await (const block of blocks) {
    const value = block[0]?.[0];
    if (value !== 9_007_199_254_740_993n) throw new Error(`integers are rounded: 9007199254740993 came back as ${String(value)}`);
    return `${engine.name} answers, integers are exact`;
  }
  throw new Error("a SELECT gave no row");
}

async function tryDisk(dataDir: string): Promise<string> {
  const { bavail, bsize } = await statNearest(resolve(dataDir));
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${dataDir}`;
  if (free < MIN_FREE_BYTES) throw new Error(`only ${text}`);
  return text;
}

/** Of a folder that is made at its first use, the disk is that of the nearest folder that there is. */
async function statNearest(folder: string): Promise<StatsFs> {
  try {
    return await statfs(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(folder) === folder) throw error;
    return statNearest(dirname(folder));
  }
}

const isEmbedded = (platform: Platform): platform is EmbeddedPlatform => "dataDir" in platform;
