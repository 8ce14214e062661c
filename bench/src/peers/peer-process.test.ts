import { expect, it } from "vitest";
import { PeerProcess } from "./peer-process.js";
import { runRounds } from "./run-rounds.js";

const LIMIT_MS = 20_000;
const program = (source: string) => ({ file: process.execPath, args: ["-e", source] });
/** Says each line and waits for its answer, as peers do. */
const saying = (messages: readonly object[], then = "") => program(`
  const lines = require("node:readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  (async () => {
    console.log("what an engine prints");
    for (const message of ${JSON.stringify(messages)}) {
      console.log("@peer " + JSON.stringify(message));
      if (message.event !== "result") await lines.next();
    }
    ${then}
    process.exit(0);
  })();`);

const totals = { minute: [1, 2, 4], song: [2, 2, 2], artist: [1, 2, 4], state: [1, 2, 4], users: [2] };

it("takes a round's work together that pauses, and none of what lies between", async () => {
  const work = [{ event: "start" }, { event: "stop" }];
  let servers = 0;
  const { rounds, peakMb } = await runRounds("peer", saying([...work, ...work, { event: "result", result: { totals, dropped: 3 } }, ...work, { event: "result", result: { totals } }]), () => (servers += 5));
  expect(rounds.map(({ serversCpuMs, dropped, totals: found }) => ({ serversCpuMs, dropped, totals: found }))).toEqual([
    { serversCpuMs: 10, dropped: 3, totals },
    { serversCpuMs: 5, dropped: 0, totals },
  ]);
  expect(peakMb).toBeGreaterThan(1);
});

it("tells what a peer said last when it fails", async () => {
  await expect(runRounds("flink", program(`console.error("no heap"); process.exitCode = 3`), () => 0)).rejects.toThrow('running peer "flink": it ended with 3\n  no heap');
});

it("tells that a peer's program is not there", async () => {
  await expect(runRounds("flink", { file: "/nowhere/java", args: [] }, () => 0)).rejects.toThrow("ENOENT");
});

it("kills a peer that takes longer than it may", async () => {
  const peer = new PeerProcess("stuck", program("setInterval(() => {}, 1000)"), 200);
  await expect(peer.next()).rejects.toThrow('running peer "stuck": it ended with SIGKILL');
  await peer.close();
});

it("leaves no process behind, whatever it was doing", async () => {
  const peer = new PeerProcess("busy", saying([{ event: "ready" }, { event: "start" }]), LIMIT_MS);
  await peer.expect("ready");
  expect(peer.usage().residentMb).toBeGreaterThan(1);
  await peer.close();
  expect(peer.usage()).toEqual({ cpuMs: 0, residentMb: 0 });
});

it("refuses an event that is not due", async () => {
  const peer = new PeerProcess("hasty", saying([{ event: "start" }]), LIMIT_MS);
  await expect(peer.expect("ready")).rejects.toThrow('it said "start" where "ready" was due');
  await peer.close();
});
