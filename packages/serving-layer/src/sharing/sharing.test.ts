import { describe, expect, it } from "vitest";
import { NextCall } from "./next-call.js";
import { SharedCall } from "./shared-call.js";

const never = () => new AbortController().signal;

/** Calls that the test answers one by one, in order. */
function calls() {
  const made: { readonly signal: AbortSignal; readonly resolve: (value: number) => void; readonly reject: (error: unknown) => void }[] = [];
  const make = (signal: AbortSignal) => new Promise<number>((resolve, reject) => void made.push({ signal, resolve, reject }));
  return { made, make };
}
/** Until all that can go on has gone on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a shared call", () => {
  it("gives every caller its result, and is aborted when the last has left", async () => {
    const { made, make } = calls();
    const call = new SharedCall(make);
    const [a, b] = [new AbortController(), new AbortController()];
    const [first, second] = [call.join(a.signal), call.join(b.signal)];
    void call.start();
    await settle();
    a.abort(new Error("a left"));
    await expect(first).rejects.toThrow("a left");
    expect([made.length, made[0]!.signal.aborted, call.abandoned]).toEqual([1, false, false]);
    b.abort(new Error("b left"));
    await expect(second).rejects.toThrow("b left");
    expect([made[0]!.signal.aborted, call.abandoned]).toEqual([true, true]);
  });

  it("is not made when everybody has left before", async () => {
    const { made, make } = calls();
    const call = new SharedCall(make);
    const only = new AbortController();
    const result = call.join(only.signal);
    only.abort(new Error("gone"));
    await expect(result).rejects.toThrow("gone");
    await call.start();
    expect(made).toEqual([]);
  });
});

describe("the next call", () => {
  it("begins after whoever gets its result has asked, one at a time", async () => {
    const { made, make } = calls();
    const next = new NextCall(make);
    const results: string[] = [];
    const ask = (name: string) => void next.ask(never()).then((value) => results.push(`${name}${value}`), (error: Error) => results.push(`${name} ${error.message}`));
    ask("a");
    await settle();
    ask("b");
    ask("c");
    await settle();
    expect(made).toHaveLength(1);
    made[0]!.resolve(1);
    await settle();
    expect([results, made.length]).toEqual([["a1"], 2]);
    ask("d");
    made[1]!.reject(new Error("failed"));
    await settle();
    expect([results, made.length]).toEqual([["a1", "b failed", "c failed"], 3]);
    made[2]!.resolve(3);
    await settle();
    expect(results).toEqual(["a1", "b failed", "c failed", "d3"]);
    ask("e");
    await settle();
    expect(made).toHaveLength(4);
  });

  it("goes on when those who asked have left", async () => {
    const { made, make } = calls();
    const next = new NextCall(make);
    const leaving = new AbortController();
    const left = next.ask(leaving.signal).catch((error: Error) => error.message);
    await settle();
    const waiting = next.ask(leaving.signal).catch((error: Error) => error.message);
    leaving.abort(new Error("left"));
    expect([await left, await waiting]).toEqual(["left", "left"]);
    expect(made[0]!.signal.aborted).toBe(true);
    const after = next.ask(never());
    // The port gives in to the abort; only then is the next call made.
    made[0]!.reject(new Error("aborted"));
    await settle();
    expect(made).toHaveLength(2);
    made[1]!.resolve(2);
    expect(await after).toBe(2);
    await expect(next.ask(leaving.signal)).rejects.toThrow("left");
    expect(made).toHaveLength(2);
  });
});
