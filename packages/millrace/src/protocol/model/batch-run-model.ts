import { groupOf, isEventOf } from "./model-log.js";
import type { ModelManifest } from "./master-dataset-model.js";
import { PARTITIONS } from "./parameters.js";
import { completeSwitch, publish } from "./publication.js";
import type { ModelGeneration, TableContent } from "./publication.js";
import { reconcile } from "./reconcile-model.js";
import type { World } from "./world.js";

/** One run: plan and cut, build, check counts, reconcile, publish. `choice` picks an older boundary now and then. */
export function* batchRun(world: World, who: string, choice: number): Generator<void> {
  const { master, publication, note } = world;
  completeSwitch(world, who);
  const parent = publication.generation(publication.current);
  if (!parent) return;
  const views = world.views;
  const cut = Array.from({ length: PARTITIONS }, (_, partition) => {
    const boundaries = master.ends(partition);
    const older = choice % 5 === 0 && boundaries.length > 0 ? (choice >> 3) % (boundaries.length + 1) : boundaries.length;
    return boundaries[older - 1] ?? 0;
  });
  note(() => `${who} plans from g${parent.number} (cut ${parent.cut.join()}) to the cut ${cut.join()}`);
  yield;

  const tables = buildTables(world, who, parent, cut, views);
  if (!tables) return;
  yield;

  if (!(yield* reconcile(world, parent, cut, tables))) return;
  yield* publish(world, who, parent.number, { cut, tables });
}

/** New versions of the dates that changed; undefined when the rows read differ from the manifests' counts. */
function buildTables(world: World, who: string, parent: ModelGeneration, cut: readonly number[], views: number): ReadonlyMap<number, number>[] | undefined {
  const { master, rules, publication } = world;
  const all = new Set<number>();
  const changed = new Set<number>();
  const manifests: ModelManifest[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const old = parent.cut[partition]!;
    const from = rules.planInBothDirections ? Math.min(old, cut[partition]!) : old;
    const until = rules.planInBothDirections ? Math.max(old, cut[partition]!) : cut[partition]!;
    for (const manifest of master.manifests(partition)) {
      for (const date of manifest.files.keys()) {
        if (manifest.until <= cut[partition]!) all.add(date);
        if (manifest.first >= from && manifest.until <= until) changed.add(date);
      }
      manifests.push(manifest);
    }
  }
  const tables: Map<number, number>[] = [];
  for (let view = 0; view < views; view++) {
    const inherited = parent.tables[view];
    // Before the first publication there is nothing to inherit.
    const table = new Map(parent.number === 0 ? [] : inherited);
    for (const date of parent.number === 0 || !inherited ? all : changed) {
      const content = buildDate(world, view, date, cut, manifests);
      if (!content) {
        world.fail("failed run", `${who} reads other rows of ${date} than the manifests count`);
        return undefined;
      }
      table.set(date, publication.addVersion(content));
    }
    tables.push(table);
  }
  return tables;
}

function buildDate({ master, rules }: World, view: number, date: number, cut: readonly number[], manifests: readonly ModelManifest[]): TableContent | undefined {
  const content = new Map<string, number[]>();
  let read = 0;
  let promised = 0;
  for (const manifest of manifests) {
    const file = manifest.files.get(date);
    if (!file) continue;
    if (manifest.until <= cut[manifest.partition]!) promised += file.events;
    for (const record of master.files.get(file.name)!) {
      if (rules.statementsEndAtCut && record.offset >= cut[manifest.partition]!) continue;
      read++;
      if (!isEventOf(view, record)) continue;
      const ids = content.get(groupOf(record));
      if (ids) ids.push(record.id);
      else content.set(groupOf(record), [record.id]);
    }
  }
  return read === promised ? content : undefined;
}
