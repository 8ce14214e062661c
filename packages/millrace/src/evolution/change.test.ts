import { deliver, type AnyView, type FileSystem } from "@millrace/core";
import { memorySink } from "@millrace/core/memory";
import { naiveFold } from "@millrace/core/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import type { LambdaDefinition } from "../lambda/lambda-definition.js";
import { big, bigger, dimShop, dimShopOfMore, factOrder, orders, sales, salesOfMore, users, withAnyPrice } from "./declarations.js";
import { openShared } from "./open-shared.js";
import { ProcessSet, type SharedPlatform } from "./process-set.js";

type Declarations = Pick<LambdaDefinition<AnyView>, "views" | "models">;

const before: Declarations = { views: [sales(), big()], models: [dimShop(), factOrder()] };

it.each<{ readonly change: string; readonly old?: Declarations; readonly after: Declarations; readonly refused: Readonly<Record<string, string>>; readonly losing?: true }>([
  { change: "a view is added", old: { views: [sales()] }, after: { views: [sales(), big()] }, refused: { big: "not-built" } },
  { change: "a view is dropped", after: { views: [big()], models: before.models! }, refused: {} },
  { change: "a view has another filter", after: { ...before, views: [sales(), bigger()] }, refused: { big: "fingerprint-changed" } },
  { change: "a view has other dimensions and measures", after: { ...before, views: [salesOfMore(), big()] }, refused: { sales: "fingerprint-changed" } },
  { change: "models are added", old: { views: [sales()] }, after: { views: [sales()], models: [dimShop(), factOrder()] }, refused: {} },
  { change: "models are dropped", after: { views: before.views }, refused: {} },
  { change: "a model has another column", after: { ...before, models: [dimShopOfMore()] }, refused: {} },
  { change: "a stream has another column", old: { views: [sales(), big()] }, after: { views: [users()] }, refused: { users: "not-built" } },
  { change: "a stream has another decoder", old: { views: [sales(), big()], models: [dimShop()] }, after: { views: [sales(withAnyPrice), big(withAnyPrice)], models: [dimShop(withAnyPrice)] }, refused: { sales: "fingerprint-changed", big: "fingerprint-changed" }, losing: true },
])("serves the exact answers of both versions, side by side, when $change", { timeout: 60_000 }, async ({ old: was = before, after, refused, losing = false }) => {
  const platform = await openShared();
  const old = new ProcessSet("old", was, platform);
  old.start();
  await platform.append(12);
  await old.ingest();
  await old.lambda.batch.run();
  await platform.append(10);
  await old.expectExact();

  // The new version is deployed beside the old one.
  const now = new ProcessSet("new", after, platform, old);
  now.start();
  onTestFinished(async () => {
    await old.stop();
    await now.stop();
  });
  await platform.append(3);
  const names = now.lambda.definitions.views.map(({ name }) => name);
  for (const name of names) expect([name, (await now.refusal(name))?.reason]).toEqual([name, refused[name]]);
  for (const name of Object.keys(refused)) expect((await now.refusal(name))!.message).toMatch(/no run has begun to build it/);
  await now.expectExact(names.filter((name) => refused[name] === undefined));
  await old.expectExact();

  // Each publishes for itself, in turns; whoever ingests, both read it.
  await now.lambda.batch.run();
  for (const [publisher, ingester] of [[now, old], [old, now], [now, now]] as const) {
    await now.expectExact();
    await old.expectExact();
    await platform.append(9);
    await ingester.ingest();
    // What the new declaration took for events, the old one would lose: it is told so first.
    if (losing && publisher === old && ingester === now) await expect(old.lambda.batch.run()).rejects.toMatchObject({ code: "STREAM_CHANGED" });
    await publisher.lambda.batch.run({ acceptDeadLetters: losing });
  }
  await now.expectExact();
  await old.expectExact();
  // Nobody needs a generation that is older than the last one of each.
  await platform.clock.advance(2 * 3_600_000);
  await now.lambda.batch.prune({ keep: 1 });
  await now.expectExact();
  await old.expectExact();
  // A process that starts again reads from where its own generation ends.
  await old.stop();
  await platform.append(5);
  await now.ingest();
  await now.lambda.batch.run();
  old.start();
  await old.expectExact();
  await now.expectExact();
  // Models are read as each has them.
  for (const model of was.models ?? []) await expectRows(old, model);
  for (const model of after.models ?? []) await expectRows(now, model);
  // And they are what their declarations say, over everything below the cut.
  if (after.models !== undefined) await expectModels(platform, now);
});

async function expectRows({ lambda }: ProcessSet, model: NonNullable<Declarations["models"]>[number]): Promise<void> {
  let rows = 0;
  for await (const row of lambda.table(model)) rows += Object.keys(row).length === Object.keys(model.columns).length ? 1 : 0;
  expect(rows).toBeGreaterThan(0);
}

/** Rebuilt from nothing, a generation has the same rows. */
async function expectModels({ engine, files }: SharedPlatform, { lambda }: ProcessSet): Promise<void> {
  const rowsOf = async (generation: Awaited<ReturnType<typeof lambda.batch.list>>[number]) => {
    const tables: Record<string, readonly unknown[]> = {};
    for (const { name, kind, versions } of generation.tables) {
      if (kind !== "model") continue;
      const paths = Object.values(versions).flatMap((version) => version.files.map((file) => files.uri(file)));
      const { columns } = lambda.definitions.models.find((model) => model.name === name)!;
      const types = Object.fromEntries(Object.entries(columns).map(([column, definition]) => [column, engine.dialect.columnType(definition)]));
      const rows: unknown[] = [];
      const { blocks } = await engine.query(`SELECT * FROM ${engine.dialect.scan(paths, types)} AS t ORDER BY ALL`, new AbortController().signal);
      for await (const block of blocks) rows.push(...block);
      tables[name] = rows;
    }
    return tables;
  };
  const incremental = (await lambda.batch.list()).at(-1)!;
  const rebuilt = await lambda.batch.run({ full: true });
  if ("unchanged" in rebuilt) throw new Error("a full run publishes");
  expect(rebuilt.cut).toEqual(incremental.cut);
  expect(await rowsOf(rebuilt)).toEqual(await rowsOf(incremental));
}

it("cuts the log as it was cut, and refuses a process that would cut it otherwise, whatever its views", async () => {
  const platform = await openShared();
  const old = new ProcessSet("old", { views: [sales()] }, platform);
  old.start();
  await platform.append(12);
  await old.ingest();
  await old.lambda.batch.run();
  await old.stop();
  const other = new ProcessSet("other", { views: [big()], grid: { segmentOffsets: 9, segmentMs: 60_000 } }, platform);
  await expect(other.ingest()).rejects.toMatchObject({ code: "GRID_MISMATCH" });
  await expect(other.lambda.speed()).rejects.toMatchObject({ code: "GRID_MISMATCH" });
  await expect(other.ask("big")).rejects.toMatchObject({ code: "GRID_MISMATCH" });
});

it("lets one speed layer of each version run, and one of all deliver, which the next one goes on from", { timeout: 30_000 }, async () => {
  const platform = await openShared();
  const sinks = [memorySink<object>("webhook"), memorySink<object>("webhook")] as const;
  const [old, now] = sinks.map((sink, i) => new ProcessSet(`version ${i}`, { views: [i === 0 ? sales() : big()], outputs: [deliver(orders, sink)] }, platform)) as [ProcessSet, ProcessSet];
  const waits: string[] = [];
  now.lambda.observe((event) => {
    if (event.type === "Warning" && event.code === "ROLE_TAKEN") waits.push(event.message);
  });
  old.start();
  await platform.append(3);
  await old.expectExact();
  await expect(new ProcessSet("twin", { views: [sales()] }, platform).lambda.speed()).rejects.toMatchObject({ code: "ROLE_TAKEN" });
  now.start();
  onTestFinished(() => now.stop());
  await platform.append(12);
  await now.expectExact();
  await vi.waitFor(() => expect(sinks[0].rows.length).toBeGreaterThan(5), { timeout: 10_000 });
  expect(waits).toEqual([expect.stringMatching(/^waiting for the role "outputs": process \d+ has it/)]);
  expect(sinks[1].rows).toEqual([]);

  await old.stop();
  const delivered = sinks[0].rows.length;
  await platform.append(6);
  const events = (await naiveFold(platform.log, sales().definition, new AbortController().signal)).events;
  // All but the last second of each partition, which waits for the next record; perhaps the last batch twice.
  const distinct = () => new Set([...sinks[0].rows, ...sinks[1].rows].map((row) => JSON.stringify(row))).size;
  await vi.waitFor(() => expect(distinct()).toBeGreaterThanOrEqual(events - 4), { timeout: 10_000 });
  expect(sinks[0].rows.length).toBe(delivered);
  expect(sinks[1].rows.length).toBeGreaterThan(0);
});

it("ends without an error when it is stopped while it starts", async () => {
  const platform = await openShared();
  const set = new ProcessSet("one", { views: [sales()] }, platform);
  for (let i = 0; i < 5; i++) {
    set.start();
    await Promise.all([set.stop(), i % 2 === 0 ? Promise.resolve() : platform.append(1)]);
  }
  set.start();
  await set.expectExact();
  await set.stop();
});

it("tells who is refused how far the run is that builds the view", async () => {
  const platform = await openShared();
  const old = new ProcessSet("old", { views: [big()] }, platform);
  await platform.append(12);
  await old.ingest();
  await old.lambda.batch.run();
  const told: string[] = [];
  const files: FileSystem = {
    ...platform.files,
    async replace(file, content, signal) {
      await platform.files.replace(file, content, signal);
      if (file.endsWith("progress.json")) told.push((await now.refusal("big"))!.progress!);
    },
  };
  const now: ProcessSet = new ProcessSet("new", { views: [bigger(), sales()] }, { ...platform, files });
  await now.lambda.batch.run();
  expect(told.map((text) => text.replace(/; begun.*/, ""))).toEqual([
    'generation 2 is being built with it: 0 of 2 dates of "big" are done, 0 of 4 in all',
    'generation 2 is being built with it: 1 of 2 dates of "big" are done, 1 of 4 in all',
    'generation 2 is being built with it: 2 of 2 dates of "big" are done, 2 of 4 in all',
    'generation 2 is being built with it: 2 of 2 dates of "big" are done, 3 of 4 in all',
    'generation 2 is being built with it: 2 of 2 dates of "big" are done, 4 of 4 in all',
  ]);
  expect(await now.refusal("big")).toBeUndefined();
  expect((await platform.files.list("runs", new AbortController().signal)).map(({ path: file }) => file)).toEqual(["runs/1-0.json", "runs/2-0.json"]);
});
