import { simulatedClock } from "@millrace/core";
import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { HttpError } from "./http-error.js";
import { watchSeveral, type SharedWatch } from "./watch-several.js";

/** Watches of two questions whose states are what the test says they are. */
function world(own: Partial<Record<"deadlineMs" | "pollMs", number>> = {}) {
  const timers = simulatedClock(0);
  const views = simulatedClock(Date.UTC(2026, 0, 1));
  const states: Record<string, string | Error> = { a: "1", b: "1" };
  const asked: string[] = [];
  const refused: unknown[] = [];
  const stop = new AbortController();
  const watch = (id: string, has?: string): SharedWatch => ({
    id,
    has,
    ask: () => {
      asked.push(id);
      const state = states[id]!;
      return state instanceof Error ? Promise.reject(state) : Promise.resolve({ state, from: 0, until: 60_000, text: `{"rows":["${id}${state}"]}` });
    },
  });
  const open = (watches: readonly SharedWatch[]) =>
    watchSeveral(watches, { clock: views, timers, pollMs: own.pollMs ?? 500, deadlineMs: own.deadlineMs ?? 30_000, beatMs: 1_000, onError: (error) => refused.push(error) }, stop.signal);
  return { timers, views, states, asked, refused, stop, watch, open };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));
const eventsOf = (text: unknown) =>
  String(text)
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => {
      const [name = "", data = ""] = event.split("\n");
      return { name: name.replace("event: ", ""), data: JSON.parse(data.replace("data: ", "")) as unknown };
    });

describe("watches of one connection", () => {
  it("send each its state, and again only when it is another one", async () => {
    const { timers, states, stop, watch, open } = world();
    const events = open([watch("a"), watch("b", "1/0/60000")]);
    const first = events.next();
    await settle();
    expect(eventsOf((await first).value)).toContainEqual({ name: "beat", data: { at: Date.UTC(2026, 0, 1) } });
    await settle();
    const second = events.next();
    // The client has the state of b.
    expect(eventsOf((await second).value)).toEqual([{ name: "answer", data: { id: "a", state: "1/0/60000", from: 0, until: 60_000, answer: { rows: ["a1"] } } }]);
    const third = events.next();
    states["b"] = "2";
    await timers.advance(500);
    expect(eventsOf((await third).value)).toEqual([{ name: "answer", data: { id: "b", state: "2/0/60000", from: 0, until: 60_000, answer: { rows: ["b2"] } } }]);
    stop.abort();
    expect((await events.next()).done).toBe(true);
  });

  it("go on after a refusal, which is told once", async () => {
    const { timers, states, asked, refused, stop, watch, open } = world();
    states["a"] = new HttpError("DEADLINE", "answering: too long");
    const events = open([watch("a")]);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const text of events) seen.push(...eventsOf(text).filter(({ name }) => name !== "beat").map(({ name, data }) => `${name} ${JSON.stringify(data)}`));
    })();
    for (let i = 0; i < 4; i++) await timers.advance(500);
    expect(seen).toEqual([expect.stringMatching(/^refused \{"id":"a","problem":\{.*"code":"DEADLINE"/)]);
    expect(refused).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(3);
    states["a"] = "1";
    await timers.advance(500);
    expect(seen.at(-1)).toMatch(/^answer /);
    stop.abort();
    await reading;
  });

  it("hold one event a watch for a reader that takes none", async () => {
    const { timers, states, stop, watch, open } = world();
    const events = open([watch("a"), watch("b")]);
    const first = await events.next();
    for (let i = 0; i < 50; i++) {
      states["a"] = `${i}`;
      await timers.advance(500);
    }
    const next = eventsOf((await events.next()).value);
    expect([...eventsOf(first.value), ...next].filter(({ name }) => name === "answer").map(({ data }) => (data as { readonly answer: { readonly rows: string[] } }).answer.rows[0])).toContain("a49");
    expect(next.length).toBeLessThanOrEqual(3);
    stop.abort();
    await events.next();
  });

  it("refuse what takes longer than the deadline, and others are not held up", async () => {
    const { timers, stop, watch, open } = world({ deadlineMs: 2_000 });
    let aborted = false;
    const stuck: SharedWatch = {
      id: "stuck",
      has: undefined,
      ask: (signal) => {
        signal.addEventListener("abort", () => (aborted = true));
        return new Promise(() => {});
      },
    };
    const events = open([stuck, watch("a")]);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const text of events) seen.push(...eventsOf(text).filter(({ name }) => name !== "beat").map(({ name, data }) => [name, (data as { readonly id: string }).id]));
    })();
    await timers.advance(500);
    expect(seen).toEqual([["answer", "a"]]);
    await timers.advance(2_000);
    expect(seen).toEqual([["answer", "a"], ["refused", "stuck"]]);
    expect(aborted).toBe(true);
    stop.abort();
    await reading;
  });

  it("end with the signal, and leave nothing behind on it", async () => {
    const { timers, asked, stop, watch, open } = world();
    const events = open([watch("a")]);
    await events.next();
    const reading = events.next();
    await settle();
    stop.abort();
    await reading;
    expect((await events.next()).done).toBe(true);
    const before = asked.length;
    await timers.advance(10_000);
    expect(asked).toHaveLength(before);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  });
});
