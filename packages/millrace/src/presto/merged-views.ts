import { collectRows, readGridRecord, ServedGenerations, tableIn, type Generation, type GridRecord, type MergedViewsServer, type Platform, type ProgressRow, type StoredView, type ViewDefinition } from "@millrace/core";
import { generationOfMergedView, mergedView, mergedViewProblem, type ListedBuckets, type MergedViewPlace, type PartitionStart } from "@millrace/serving-layer/presto";

/** The text of a view's merged view, or why it has none. */
export type MergedViewText = { readonly view: string; readonly sql: string } | { readonly view: string; readonly refused: string };

/** The merged views of a lambda. */
export interface MergedViews {
  /** The statements as of now, of `generation` or the current one. Reads the store, the log and the files, not the server. */
  texts(signal: AbortSignal, generation?: Generation): Promise<readonly MergedViewText[]>;
  /** Runs them. Views that are refused are left as they are. Each is exact by itself, so that their order does not matter. */
  apply(signal: AbortSignal, generation?: Generation): Promise<readonly MergedViewText[]>;
  /** The least generation that a merged view on the server is of; null where one is missing, or is of none. */
  shown(signal: AbortSignal): Promise<number | null>;
}

/** What {@link mergedViews} takes. */
export interface MergedViewsOptions {
  readonly platform: Pick<Platform, "log" | "store" | "files" | "clock">;
  readonly server: MergedViewsServer;
  readonly views: readonly ViewDefinition[];
}

/** Writes the merged views of `views` for a server that reads both layers. */
export function mergedViews({ platform, server, views }: MergedViewsOptions): MergedViews {
  const { log, store, files, clock } = platform;
  const dialect = server.engine.dialect.name === "trino" ? "trino" : "presto";
  const place: MergedViewPlace = { dialect, catalog: server.catalog, schema: server.schema, tables: server.tables, speedCatalog: server.speedCatalog };
  const id = (name: string) => server.engine.dialect.identifier(name);
  const generations = new ServedGenerations(files);
  const run = (sql: string, signal: AbortSignal) => collectRows(server.engine, sql, signal);

  const textOf = async (view: ViewDefinition, current: Generation | null, signal: AbortSignal): Promise<MergedViewText> => {
    const refused = mergedViewProblem(view);
    if (refused !== undefined) return { view: view.name, refused };
    const { topic } = view.from;
    const generation = current && (await generations.of(view, current, signal));
    if (generation === undefined && (current?.cut[topic]?.length ?? 0) > 0) return { view: view.name, refused: "no generation has its table yet: run the batch layer once" };
    const table = generation && tableIn(generation, { name: view.name, kind: "view", fingerprint: view.fingerprint });
    const stored = await store.schema!.locate!(view, signal);
    const { starts, buckets } = await frontier(view, stored, generation ?? null, signal);
    try {
      return { view: view.name, sql: mergedView({ view, place, stored, batch: generation && table ? { generation, table } : null, starts, buckets }) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { view: view.name, refused: error.message };
    }
  };

  /** Where the speed layer's part begins in each partition, and which buckets can have rows of it from now on. */
  const frontier = async (view: ViewDefinition, stored: StoredView, generation: Generation | null, signal: AbortSignal): Promise<{ readonly starts: readonly PartitionStart[]; readonly buckets: ListedBuckets }> => {
    const { topic } = view.from;
    // Before the log's ends: what is known of a partition's first segment needs no look at the log.
    const progress = await store.readProgress(view.fingerprint, topic, signal);
    const description = await log.describe(topic, signal);
    const cut = generation?.cut[topic] ?? [];
    const starts: PartitionStart[] = cut.map(({ partition, logVersion, offset }) => ({ partition, logVersion, offset, inCut: true }));
    for (const { partition } of description.partitions) {
      const record: GridRecord | null = await readGridRecord(files, topic, partition, signal);
      if (record === null || cut.some((at) => at.partition === partition && at.logVersion >= record.logVersion)) continue;
      starts.push({ partition, logVersion: record.logVersion, offset: record.origin, inCut: false });
    }
    const now = clock.now();
    let earliest = now;
    for (const start of starts) {
      const rows = progress.filter(({ segment }) => segment.partition === start.partition && segment.logVersion === start.logVersion);
      for (const row of rows) if (row.until > start.offset) earliest = Math.min(earliest, row.receivedAt);
      const inLog = description.partitions.find(({ partition, logVersion }) => partition === start.partition && logVersion === start.logVersion);
      if (inLog === undefined || inLog.end <= start.offset || rows.some((row) => isFirst(row, start))) continue;
      earliest = Math.min(earliest, await appendedAt(topic, start.partition, Math.max(start.offset, inLog.start), signal));
    }
    const { bucketMs } = stored;
    const startOf = (instant: number) => Math.floor(instant / bucketMs) * bucketMs;
    // One before: the broker's clock may step back a little.
    return { starts, buckets: { from: startOf(earliest) - bucketMs, until: startOf(now + server.aheadMs) + bucketMs } };
  };

  /** When the first record from an offset on was received. */
  const appendedAt = async (topic: string, partition: number, from: number, signal: AbortSignal): Promise<number> => {
    for await (const batch of log.read({ topic, partition, from, maxRecords: 1 }, signal)) if (batch.length > 0) return batch.appendedAt[0]!;
    return clock.now();
  };

  const texts = async (signal: AbortSignal, generation?: Generation): Promise<readonly MergedViewText[]> => {
    const current = generation ?? (await generations.current(signal));
    const found: MergedViewText[] = [];
    for (const view of views) found.push(await textOf(view, current, signal));
    return found;
  };

  return {
    texts,
    async apply(signal, generation) {
      const found = await texts(signal, generation);
      await run(`CREATE SCHEMA IF NOT EXISTS ${id(server.catalog)}.${id(server.schema)}`, signal);
      for (const each of found) if ("sql" in each) await run(each.sql, signal);
      return found;
    },
    async shown(signal) {
      const rows = await run(`SELECT table_name, view_definition FROM ${id(server.catalog)}.information_schema.views WHERE table_schema = ${server.engine.dialect.literal(server.schema.toLowerCase())}`, signal);
      const numbers = new Map(rows.map(([name, text]) => [String(name), generationOfMergedView(String(text)) ?? null]));
      const wanted = views.filter((view) => mergedViewProblem(view) === undefined).map(({ name }) => numbers.get(name.toLowerCase()) ?? null);
      return wanted.includes(null) ? null : Math.min(...(wanted as number[]));
    },
  };
}

/** Whether a segment is the first one from a start on. */
const isFirst = ({ segment, previous }: ProgressRow, { offset }: PartitionStart): boolean => segment.first >= offset && previous <= offset;
