import { coordinateName, cutOf, EMPTY_CUT, tableIn, type Cut, type Generation, type ModelDefinition, type TableOf, type ViewDefinition } from "@millrace/core";
import { modelOrder } from "../models/model-order.js";
import { DAY_MS, dayOfDate, utcDate } from "../master-dataset/utc-date.js";
import type { TopicDataset, UnreadSegment } from "../master-dataset/topic-dataset.js";
import { foldReason } from "./fold-reason.js";
import type { Bases } from "./table-bases.js";

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

/** What a run would build, and why. */
export interface RunPlan {
  /** Number of the generation it builds on; null for the first. */
  readonly parent: number | null;
  readonly kind: "incremental" | "full";
  readonly cut: Cut;
  readonly cutAt: number | null;
  readonly tables: readonly TablePlan[];
  /** Segments whose records are read again before: their stream was declared anew, or records were erased. By topic. */
  readonly readAgain: Readonly<Record<string, number>>;
  /** Tables of the parent that nothing declares any more. */
  readonly removed: readonly string[];
  /** Nothing changed: there is nothing to publish. */
  readonly unchanged: boolean;
}

export interface PlanRun {
  readonly bases: Bases;
  readonly cut: Cut;
  readonly cutAt: number | null;
  readonly full: boolean;
  readonly views: readonly ViewDefinition[];
  readonly models: readonly ModelDefinition[];
  readonly datasets: ReadonlyMap<string, TopicDataset>;
  /** Segments that are still to be read again: where there are some, dates and reasons are those of the files as they are. */
  readonly unread: ReadonlyMap<string, readonly UnreadSegment[]>;
}

interface Dates {
  /** Dates that changed for sure. */
  readonly changed: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  /** Dates that changed if a table that is read comes out different. */
  readonly maybe: ReadonlySet<string>;
}

/** The tables that these declarations make. */
export function declaredTables(views: readonly ViewDefinition[], models: readonly ModelDefinition[]): readonly (TableOf & Pick<TablePlan, "partitioned">)[] {
  return [
    ...views.map(({ name, fingerprint }) => ({ name, kind: "view", partitioned: "date", fingerprint }) as const),
    ...modelOrder(models).map(({ name, partitioned, fingerprint }) => ({ name, kind: "model", partitioned, fingerprint }) as const),
  ];
}

/** What changed between what each table was last built from and the new cut, in both directions, table by table. */
export function planRun(run: PlanRun): RunPlan {
  const { bases, cut, cutAt, full, views, models, datasets, unread } = run;
  const { parent, same } = bases;
  const none: ReadonlySet<string> = new Set();
  const allOf = new Map([...datasets].map(([topic, dataset]) => [topic, new Set(dataset.filesByDate(cut).keys())]));
  const changes = new Map<string, ReadonlySet<string>>();
  /** The dates of a topic that changed since a generation. */
  const changedSince = (topic: string, generation: Generation | undefined): ReadonlySet<string> => {
    const key = `${topic} ${generation?.number ?? 0}`;
    let dates = changes.get(key);
    if (dates === undefined) {
      const dataset = datasets.get(topic);
      const applied = generation?.erasures?.[topic] ?? 0;
      dates = dataset === undefined ? none : new Set([...dataset.datesBetween(generation?.cut ?? EMPTY_CUT, cut), ...dataset.datesErasedSince(applied)]);
      changes.set(key, dates);
    }
    return dates;
  };
  const tables: TablePlan[] = [];
  const planned = new Map<string, TablePlan>();

  const plan = (table: TableOf & Pick<TablePlan, "partitioned">, { changed, all, maybe }: Dates, folded: (date: string) => string | undefined = () => undefined) => {
    const base = bases.of.get(table.name)?.table;
    const rebuild = full || base === undefined;
    const build = [...(rebuild ? all : [...changed].filter((date) => all.has(date)))].sort();
    const ifInputsDiffer = [...maybe].filter((date) => all.has(date) && !build.includes(date)).sort();
    const drop = base === undefined ? [] : Object.keys(base.versions).filter((date) => !all.has(date));
    const reasons = build.flatMap((date) => {
      const reason = folded(date);
      return reason === undefined ? [] : [[date, reason] as const];
    });
    const wasThere = parent?.tables.some(({ name, kind }) => name === table.name && kind === table.kind) === true;
    const reason = full ? "full" : base === undefined ? (wasThere ? "stale" : "new") : build.length + drop.length > 0 ? "changed" : "none";
    const made: TablePlan = { ...table, reason, build, ifInputsDiffer, drop, folded: Object.fromEntries(reasons) };
    tables.push(made);
    planned.set(table.name, made);
  };

  for (const view of views) {
    const { topic } = view.from;
    const files = datasets.get(topic)?.filesByDate(cut) ?? new Map();
    const dates = { changed: changedSince(topic, bases.of.get(view.name)?.generation), all: allOf.get(topic) ?? none, maybe: none };
    plan({ name: view.name, kind: "view", partitioned: "date", fingerprint: view.fingerprint }, dates, (date) =>
      foldReason(view, files.get(date) ?? [], view.coordinates.map(coordinateName)),
    );
  }
  for (const model of modelOrder(models)) {
    const base = bases.of.get(model.name);
    const inputs = Object.values(model.from).map((input): Dates & { readonly whole: boolean } => {
      if (input.from === "stream") {
        const { topic } = input.stream;
        return { whole: false, maybe: none, changed: changedSince(topic, base?.generation), all: allOf.get(topic) ?? none };
      }
      const table = planned.get(input.model.name)!;
      const versions = bases.of.get(table.name)?.table.versions ?? {};
      // What this model was built from may be older than what the table is built on.
      const read = base && tableIn(base.generation, table)?.versions;
      const since = read === undefined ? [] : [...new Set([...Object.keys(versions), ...Object.keys(read)])].filter((date) => versions[date]?.version !== read[date]?.version);
      const all = new Set([...Object.keys(versions), ...table.build].filter((date) => !table.drop.includes(date)));
      const whole = table.partitioned === "whole";
      const maybe = new Set([...table.ifInputsDiffer, ...(whole ? table.build : [])]);
      return { whole, all, maybe, changed: new Set([...since, ...(whole ? [] : [...table.build, ...table.drop])]) };
    });
    const some = (part: "changed" | "maybe") => inputs.some((input) => input[part].size > 0);
    if (model.partitioned === "whole") {
      const all = new Set([WHOLE]);
      plan({ name: model.name, kind: "model", partitioned: "whole", fingerprint: model.fingerprint }, { all, changed: some("changed") ? all : none, maybe: some("maybe") ? all : none });
      continue;
    }
    const byDate = inputs.filter(({ whole }) => !whole);
    const all = new Set(byDate.flatMap((input) => [...input.all]));
    // A whole table that is different may change every date that reads it.
    const ofWhole = (part: "changed" | "maybe") => inputs.some((input) => input.whole && input[part].size > 0);
    const datesOf = (part: "changed" | "maybe") => (ofWhole(part) ? all : reached(byDate.flatMap((input) => [...input[part]]), model.reach));
    plan({ name: model.name, kind: "model", partitioned: "date", fingerprint: model.fingerprint }, { changed: datesOf("changed"), all, maybe: datesOf("maybe") });
  }
  return {
    parent: parent?.number ?? null,
    kind: full ? "full" : "incremental",
    cut,
    cutAt,
    tables,
    readAgain: Object.fromEntries([...unread].filter(([, segments]) => segments.length > 0).map(([topic, segments]) => [topic, segments.length])),
    removed: (parent?.tables ?? []).map(({ name }) => name).filter((name) => !planned.has(name)),
    // A table that is new or stale is published even where no date has to be built: until then its view is refused.
    unchanged: !full && (parent === null ? Object.keys(cut).length === 0 : same !== undefined && sameCuts(same.cut, cut) && erasesAll(same, datasets) && tables.every(({ reason }) => reason === "none")),
  };
}

/** Whether a generation was built with every erasure that there is. */
function erasesAll({ erasures }: Generation, datasets: ReadonlyMap<string, TopicDataset>): boolean {
  return [...datasets].every(([topic, dataset]) => (erasures?.[topic] ?? 0) >= dataset.erasures.length);
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

