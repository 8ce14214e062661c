import { expect, it } from "vitest";
import type { Instance } from "../instance/instance.js";
import { startsInOrder, withNeeds } from "./start-order.js";

interface Fake {
  readonly name: string;
  readonly needs?: readonly string[];
  readonly uses?: readonly string[];
}
const files: Fake = { name: "files" };
const tables: Fake = { name: "tables", uses: ["files"] };
const sql: Fake = { name: "sql", needs: ["tables"], uses: ["files"] };
const known = [files, tables, sql];
const instance = (name: string, running = true): Instance => ({ runDir: name, nodes: [{ running }] }) as unknown as Instance;

/** What happens when these are started beside what was found. */
async function eventsOf(servers: readonly Fake[], found: readonly Instance[]): Promise<readonly string[]> {
  const events: string[] = [];
  const start = async ({ name }: Fake, others: Readonly<Record<string, Instance>>): Promise<Instance> => {
    events.push(`${name} with ${Object.keys(others).join(" and ") || "nobody"}`);
    await Promise.resolve();
    events.push(`${name} runs`);
    return instance(name);
  };
  const signal = new AbortController().signal;
  await Promise.all(startsInOrder(servers, start, (name) => Promise.resolve(found.find(({ runDir }) => runDir === name))).map((begin) => begin(signal)));
  return events;
}

it("starts what is needed as well, in order", () => {
  expect(withNeeds(known, [sql])).toEqual([tables, sql]);
  expect(withNeeds(known, [tables])).toEqual([tables]);
  expect(withNeeds(known, [sql, files])).toEqual([files, tables, sql]);
});

it("starts each after those that it needs and uses, and gives it those that run", async () => {
  expect(await eventsOf(known, [])).toEqual(["files with nobody", "files runs", "tables with files", "tables runs", "sql with tables and files", "sql runs"]);
  expect(await eventsOf([tables, sql], [instance("files")])).toEqual(["tables with files", "tables runs", "sql with tables and files", "sql runs"]);
  expect(await eventsOf([tables, sql], [instance("files", false)])).toEqual(["tables with nobody", "tables runs", "sql with tables", "sql runs"]);
});

it("does not start what needs one that failed", async () => {
  const started: string[] = [];
  const starts = startsInOrder(
    [tables, sql],
    ({ name }) => {
      started.push(name);
      return Promise.reject(new Error("no room"));
    },
    () => Promise.resolve(undefined),
  );
  const results = await Promise.allSettled(starts.map((begin) => begin(new AbortController().signal)));
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(started).toEqual(["tables"]);
});
