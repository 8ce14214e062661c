import type { Generation, TableCatalog } from "@millrace/core";
import { expect, it } from "vitest";
import type { MergedViews } from "./merged-views.js";
import { withMergedViews } from "./with-merged-views.js";

const never = new AbortController().signal;
const generation = { number: 7 } as Generation;

function world() {
  const state = { shown: 6, least: 6 as number | null, away: false, failures: [] as unknown[] };
  const catalog = { name: "hive", current: () => Promise.resolve(state.shown), show: ({ number }: Generation) => Promise.resolve(void (state.shown = number)) } as unknown as TableCatalog;
  const answer = <T>(make: () => T): Promise<T> => (state.away ? Promise.reject(new Error("away")) : Promise.resolve(make()));
  const merged: MergedViews = {
    texts: () => Promise.resolve([]),
    apply: (_signal, to) => answer(() => ((state.least = to!.number), [])),
    shown: () => answer(() => state.least),
  };
  return { state, both: withMergedViews(catalog, merged, (error) => state.failures.push(error)) };
}

it("shows a generation in both, and is as far as the less of them", async () => {
  const { state, both } = world();
  expect(await both.current(never)).toBe(6);
  await both.show(generation, never);
  expect([state.shown, state.least, await both.current(never)]).toEqual([7, 7, 7]);
  state.least = null;
  expect(await both.current(never)).toBeNull();
});

it("a server that is away fails nothing: it is told, and what it lacks is shown by whoever comes next", async () => {
  const { state, both } = world();
  state.away = true;
  await both.show(generation, never);
  expect([state.shown, state.failures, await both.current(never)]).toEqual([7, [new Error("away")], null]);
  state.away = false;
  expect(await both.current(never)).toBe(6);
  await both.show(generation, never);
  expect(await both.current(never)).toBe(7);
});

it("who aborts is told so", async () => {
  const { state, both } = world();
  state.away = true;
  await expect(both.show(generation, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  expect(state.failures).toEqual([]);
});
