import { coordinateName, cutOf, type Cut, type Generation, type ModelDefinition, type StreamPlan, type ViewDefinition } from "@millrace/core";
import { modelOrder } from "../models/model-order.js";
import { streamFingerprint } from "../ingest/stream-fingerprint.js";
import { DAY_MS, dayOfDate, utcDate } from "../master-dataset/utc-date.js";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";
import { foldReason } from "./fold-reason.js";

/** The one key of a whole table among its versions. */
export const WHOLE = "";

/** What a run is going to do with one table. */
export interface TablePlan {
  readonly name: string;
  readonly kind: "view" | "model";
  readonly partitioned: "date" | "whole";
  readonly fingerprint: string;
  /** Why: records came, its declaration changed, it is new, a full run. */
  readonly reason: "changed" | "stale" | "new" | "full" | "none";
  /** Dates to build, in order; `[""]` for a whole table. */
  readonly build: readonly string[];
  /** What is built as well if a table that it reads comes out different: a rebuilt whole table may be as it was. */
  readonly ifInputsDiffer: readonly string[];
  /** Dates that have no records below the cut any more. */
  readonly drop: readonly string[];
  /** Dates that are folded in TypeScript, by why SQL cannot compute them. */
  readonly folded: Readonly<Record<string, string>>;
}

export interface RunPlan {
  /** Number of the generation it builds on; null for the first. */
  readonly parent: number | null;
  readonly kind: "incremental" | "full";
  readonly cut: Cut;
  readonly cutAt: number | null;
  readonly tables: readonly TablePlan[];
  /** Tables of the parent that nothing declares any more. */
  readonly removed: readonly string[];
  /** Nothing changed: there is nothing to publish. */
  readonly unchanged: boolean;
}

export interface PlanRun {
  readonly parent: Generation | null;
  readonly cut: Cut;
  readonly cutAt: number | null;
  readonly full: boolean;
  readonly views: readonly ViewDefinition[];
  readonly models: readonly ModelDefinition[];
  readonly plans: readonly StreamPlan[];
  readonly datasets: ReadonlyMap<string, TopicDataset>;
}

/** What changed between the parent's cut and the new one, in both directions, table by table. */
export function planRun(run: PlanRun): RunPlan {
  const { parent, cut, cutAt, full, views, models, plans, datasets } = run;
  const parentCut = parent?.cut ?? {};
  const dates = new Map<string, { readonly changed: ReadonlySet<string>; readonly all: ReadonlySet<string> }>();
  for (const [topic, dataset] of datasets) {
    dates.set(topic, {
      changed: new Set(dataset.between(parentCut, cut).flatMap(({ files }) => files.map(({ date }) => date))),
      all: new Set(dataset.filesByDate(cut).keys()),
    });
  }
  const tables: TablePlan[] = [];
  const planned = new Map<string, TablePlan>();
  const none = new Set<string>();

  const plan = (
    table: Pick<TablePlan, "name" | "kind" | "partitioned" | "fingerprint">,
    { changed, all, maybe = none }: { readonly changed: ReadonlySet<string>; readonly all: ReadonlySet<string>; readonly maybe?: ReadonlySet<string> },
    folded: (date: string) => string | undefined = () => undefined,
  ) => {
    const before = parent?.tables.find(({ name, kind, partitioned }) => name === table.name && kind === table.kind && partitioned === table.partitioned);
    const fresh = before !== undefined && before.fingerprint === table.fingerprint;
    const rebuild = full || !fresh;
    const build = [...(rebuild ? all : [...changed].filter((date) => all.has(date)))].sort();
    const ifInputsDiffer = [...maybe].filter((date) => all.has(date) && !build.includes(date)).sort();
    const drop = fresh ? Object.keys(before.versions).filter((date) => !all.has(date)) : [];
    const reasons = build.flatMap((date) => {
      const reason = folded(date);
      return reason === undefined ? [] : [[date, reason] as const];
    });
    const reason = full ? "full" : before === undefined ? "new" : !fresh ? "stale" : build.length + drop.length > 0 ? "changed" : "none";
    const made: TablePlan = { ...table, reason, build, ifInputsDiffer, drop, folded: Object.fromEntries(reasons) };
    tables.push(made);
    planned.set(table.name, made);
  };

  for (const view of views) {
    const { topic } = view.from;
    const { changed, all } = dates.get(topic) ?? { changed: none, all: none };
    const files = datasets.get(topic)?.filesByDate(cut) ?? new Map();
    const stream = plans.find((each) => each.stream.topic === topic);
    const fingerprint = stream === undefined ? "" : streamFingerprint(stream);
    plan({ name: view.name, kind: "view", partitioned: "date", fingerprint: view.fingerprint }, { changed, all }, (date) =>
      foldReason(view, files.get(date) ?? [], fingerprint, view.coordinates.map(coordinateName)),
    );
  }
  for (const model of modelOrder(models)) {
    const inputs = Object.values(model.from).map((input) => {
      if (input.from === "stream") return { whole: false, maybe: none, ...(dates.get(input.stream.topic) ?? { changed: none, all: none }) };
      const table = planned.get(input.model.name)!;
      const before = parent?.tables.find(({ name, fingerprint }) => name === table.name && fingerprint === table.fingerprint);
      const all = new Set([...Object.keys(before?.versions ?? {}), ...table.build].filter((date) => !table.drop.includes(date)));
      const whole = table.partitioned === "whole";
      const maybe = new Set([...table.ifInputsDiffer, ...(whole ? table.build : [])]);
      return { whole, all, maybe, changed: whole ? none : new Set([...table.build, ...table.drop]) };
    });
    const some = (part: "changed" | "maybe") => inputs.some((input) => input[part].size > 0);
    if (model.partitioned === "whole") {
      const all = new Set([WHOLE]);
      plan({ name: model.name, kind: "model", partitioned: "whole", fingerprint: model.fingerprint }, { all, changed: some("changed") ? all : none, maybe: some("maybe") ? all : none });
      continue;
    }
    const byDate = inputs.filter(({ whole }) => !whole);
    const all = new Set(byDate.flatMap((input) => [...input.all]));
    const changed = reached(byDate.flatMap((input) => [...input.changed]), model.reach);
    // A whole table that comes out different may change every date that reads it.
    const everything = inputs.some(({ whole, maybe }) => whole && maybe.size > 0);
    const maybe = everything ? all : reached(byDate.flatMap((input) => [...input.maybe]), model.reach);
    plan({ name: model.name, kind: "model", partitioned: "date", fingerprint: model.fingerprint }, { changed, all, maybe });
  }
  const removed = (parent?.tables ?? []).map(({ name }) => name).filter((name) => !planned.has(name));
  const sameCut = parent !== null && sameCuts(parentCut, cut);
  return {
    parent: parent?.number ?? null,
    kind: full ? "full" : "incremental",
    cut,
    cutAt,
    tables,
    removed,
    // A table that is new or stale is published even where no date has to be built: until then its view is refused.
    unchanged: !full && (parent === null ? Object.keys(cut).length === 0 : sameCut && removed.length === 0 && tables.every(({ reason }) => reason === "none")),
  };
}

/** The dates that must be rebuilt when these change. */
export function reached(dates: readonly string[], { before, after }: ModelDefinition["reach"]): ReadonlySet<string> {
  const all = new Set(dates);
  for (const date of dates) {
    const day = dayOfDate(date);
    for (let other = day - before; other <= day + after; other++) all.add(utcDate(other));
  }
  return all;
}

/** The dates whose input a date of the model reads. */
export function datesRead(date: string, { before, after }: ModelDefinition["reach"]): ReadonlySet<string> {
  const day = dayOfDate(date);
  const read = new Set<string>();
  for (let other = day - after; other <= day + before; other++) read.add(utcDate(other));
  return read;
}

/** The interval of a date, epoch ms. */
export function intervalOf(date: string): { readonly from: number; readonly until: number } {
  const from = dayOfDate(date) * DAY_MS;
  return { from, until: from + DAY_MS };
}

export function sameCuts(a: Cut, b: Cut): boolean {
  const within = (one: Cut, other: Cut) =>
    Object.entries(one).every(([topic, positions]) =>
      positions.every(({ partition, logVersion, offset }) => {
        const there = cutOf(other, topic, partition);
        return there !== undefined && there.logVersion === logVersion && there.offset === offset;
      }),
    );
  return within(a, b) && within(b, a);
}

