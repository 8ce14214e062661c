import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { NotReadyError } from "../errors/not-ready-error.js";
import { RunFolderError } from "../errors/run-folder-error.js";
import type { FakeOptions } from "../testing/fake-kind.js";
import { fakeKind, outputOf } from "../testing/fake-kind.js";
import { isRunning, remains } from "../testing/remains.js";
import { firstLine, startTypeScript } from "../testing/run-typescript.js";
import { Instance } from "./instance.js";
import { readRunState } from "./run-state.js";

async function folder(): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "millrace-instance-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(options: FakeOptions = {}, signal?: AbortSignal): Promise<Instance> {
  const instance = await Instance.start(fakeKind, { progress: () => {}, ...options }, signal);
  onTestFinished(() => instance.stop());
  return instance;
}

const pidsOf = ({ nodes }: Instance): readonly number[] => nodes.map((node) => node.process!.record.pid);

describe("a node", () => {
  it("is killed, started again on its port, paused and resumed", async () => {
    const instance = await start({ count: 2 });
    const node = instance.nodes[0]!;
    const { pid } = node.process!.record;
    await node.kill();
    expect([node.running, isRunning(pid), await node.answers(2_000), instance.nodes[1]!.running]).toEqual([false, false, false, true]);
    await node.start();
    expect([node.running, await node.answers(2_000), node.process!.record.pid === pid]).toEqual([true, true, false]);
    const again = node.process;
    await node.start();
    expect(node.process).toBe(again);

    node.pause();
    expect([await node.answers(300), node.running]).toEqual([false, true]);
    node.resume();
    expect(await node.answers(5_000)).toBe(true);
  });

  it("that stands still, or does not listen to TERM, is stopped all the same", async () => {
    const runDir = await folder();
    const instance = await start({ runDir, script: 'process.on("SIGTERM", () => {}); require("node:net").createServer((socket) => socket.end("hello")).listen(Number(process.env.PORT), "127.0.0.1")' });
    const pids = pidsOf(instance);
    instance.nodes[0]!.pause();
    await instance.stop();
    expect(remains(pids, [])).toEqual([]);
  });
});

describe("an instance", () => {
  it("in a temporary folder leaves nothing", async () => {
    const instance = await start({ count: 2 });
    const pids = pidsOf(instance);
    expect(remains(pids, [instance.runDir])).toEqual([...pids, instance.runDir]);
    await Promise.all([instance.stop(), instance.stop()]);
    expect(remains(pids, [instance.runDir])).toEqual([]);
  });

  it("is found by the next one that starts it, whatever of it runs", async () => {
    const runDir = await folder();
    const first = await start({ runDir, count: 2 });
    const [one, two] = pidsOf(first);
    expect(pidsOf(await start({ runDir, count: 2 }))).toEqual([one, two]);

    await first.nodes[1]!.kill();
    const third = await start({ runDir, count: 2 });
    expect(pidsOf(third)[0]).toBe(one);
    expect(pidsOf(third)[1]).not.toBe(two);
    expect(third.ports).toEqual(first.ports);

    const found = await Instance.find(fakeKind, { runDir });
    expect(pidsOf(found!)).toEqual(pidsOf(third));
    await found!.stop();
    // Of the end of its child it hears a moment later.
    await expect.poll(() => first.nodes[0]!.running).toBe(false);
    expect((await start({ runDir, count: 2 })).ports).toEqual(first.ports);
  });

  it("that two start at the same moment is one", async () => {
    const runDir = await folder();
    const [one, other] = await Promise.all([start({ runDir }), start({ runDir })]);
    expect(pidsOf(one!)).toEqual(pidsOf(other!));
  });

  it("refuses a folder of another shape, and one that cannot be read", async () => {
    const runDir = await folder();
    await start({ runDir });
    await expect(start({ runDir, count: 3 })).rejects.toThrow(`using run folder "${runDir}": it was made for fake {"count":1}, not for fake {"count":3}`);
    const broken = await folder();
    writeFileSync(path.join(broken, "instance.json"), "{");
    await expect(start({ runDir: broken })).rejects.toThrow(RunFolderError);
    expect(await Instance.find(fakeKind, { runDir: await folder() })).toBeUndefined();
  });

  it("does not take a process for its own that has the id of one it had", async () => {
    const runDir = await folder();
    const first = await start({ runDir });
    await first.stop();
    const state = readRunState(runDir)!;
    writeFileSync(path.join(runDir, "instance.json"), JSON.stringify({ ...state, processes: { "fake-1": { pid: process.pid, mark: "before" } } }));
    const found = await Instance.find(fakeKind, { runDir });
    expect(found!.nodes[0]!.running).toBe(false);
    await found!.stop();
    expect(isRunning(process.pid)).toBe(true);
  });
});

describe("a start that fails", () => {
  it("says that the process ended, how, and what it said; nothing goes on", async () => {
    const runDir = await folder();
    const script = 'console.error("no room left"); process.exit(3)';
    await expect(start({ runDir, script })).rejects.toThrow(/^starting "fake-1": the process ended \(exit code 3\)\n--- .*output\.log\nno room left$/);
    expect(outputOf(runDir, "fake-1")).toBe("no room left\n");
  });

  it("says after its time that there is no answer, why, and stops what runs", async () => {
    const runDir = await folder();
    const failure = await start({ runDir, readyLimitMs: 500, script: 'console.log("still busy"); setInterval(() => {}, 1000)' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotReadyError);
    expect(failure).toMatchObject({ message: expect.stringMatching(/^starting "fake-1": no answer after 1 s\n.*\nstill busy$/) as string, cause: { code: "ECONNREFUSED" } });
    expect(isRunning(readRunState(runDir)!.processes["fake-1"]!.pid)).toBe(false);
  });

  it("stops what it has begun at an abort", async () => {
    const runDir = await folder();
    const stop = new AbortController();
    const starting = start({ runDir, script: "setInterval(() => {}, 1000)" }, stop.signal);
    const record = () => readRunState(runDir)?.processes["fake-1"];
    await expect.poll(record, { interval: 5 }).toBeDefined();
    stop.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    expect(isRunning(record()!.pid)).toBe(false);
  });

  it("leaves alone what ran before", async () => {
    const runDir = await folder();
    const first = await start({ runDir, count: 2 });
    await first.nodes[1]!.kill();
    await expect(start({ runDir, count: 2, script: "process.exit(1)" })).rejects.toThrow('starting "fake-2": the process ended');
    expect(first.nodes.map((node) => node.running)).toEqual([true, false]);
  });
});

describe("when the program that started it dies", () => {
  it("by `kill -9`, every process ends; temporary folders go, others stay", async () => {
    const runDir = await folder();
    const program = startTypeScript(new URL("../testing/start-fake.ts", import.meta.url), [runDir]);
    onTestFinished(() => void program.kill("SIGKILL"));
    const started = JSON.parse(await firstLine(program)) as { readonly pids: readonly number[]; readonly runDir: string };
    expect(started.pids.map(isRunning)).toEqual([true, true]);
    program.kill("SIGKILL");
    await once(program, "exit");
    await expect.poll(() => remains(started.pids, [started.runDir])).toEqual([]);
    expect(existsSync(path.join(runDir, "instance.json"))).toBe(true);
  });
});
