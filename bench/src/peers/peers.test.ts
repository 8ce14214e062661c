import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import type { Totals } from "../decode-fold/totals.js";
import { checkPeer } from "./check-peer.js";
import { choosePeers } from "./choose-peers.js";
import { peerFigures } from "./measure-peer.js";
import { peers } from "./peers.js";

const SOURCES = new URL("../../peers/", import.meta.url);
const expected: Totals = { minute: [1, 10, 100], song: [2, 10, 52], artist: [1, 10, 100], state: [1, 10, 100], users: [1_000], sketched: false };
const exact = { name: "peer", job: "", durable: "", input: "kafka", program: { kind: "python", file: "" }, usersError: 0 } as const;

it.each(peers.filter(({ program }) => program.kind !== "task").map((peer) => [peer.name, peer] as const))("%s has its program", (_, { program }) => {
  const files = program.kind === "java" ? [`${program.folder}/pom.xml`, `${program.folder}/${program.main}.java`] : program.kind === "python" ? [`python/${program.file}`] : [];
  expect(files.filter((file) => !existsSync(new URL(file, SOURCES)))).toEqual([]);
});

it("takes the peers that are asked for, in their own order", () => {
  expect(new Set(peers.map(({ name }) => name)).size).toBe(peers.length);
  expect(choosePeers(peers, ["spark", "millrace"]).map(({ name }) => name)).toEqual(["millrace", "spark"]);
  expect(choosePeers(peers, ["kafka-streams-grace-5"]).map(({ name }) => name)).toEqual(["kafka-streams-grace-5"]);
  expect(choosePeers(peers).map(({ name }) => name)).toEqual(peers.map(({ name }) => name).filter((name) => name !== "kafka-streams-grace-5"));
  expect(() => choosePeers(peers, ["storm"])).toThrow('there is no peer "storm"; there are millrace, ');
});

it("takes counts that are exactly those of the baseline, and users within the error of a sketch", () => {
  expect(checkPeer(exact, { totals: expected, dropped: 0 }, expected)).toBe("agree");
  expect(() => checkPeer(exact, { totals: { ...expected, song: [2, 10, 50] }, dropped: 0 }, expected)).toThrow('view "song" adds up to 2,10,50, not 2,10,52');
  expect(() => checkPeer(exact, { totals: { ...expected, users: [1_001] }, dropped: 0 }, expected)).toThrow("minute 0 has 1001 users, not 1000");
  expect(checkPeer({ ...exact, usersError: 0.01 }, { totals: { ...expected, users: [1_060] }, dropped: 0 }, expected)).toBe("agree, users within 6 %");
  expect(() => checkPeer({ ...exact, usersError: 0.01 }, { totals: { ...expected, users: [1_062] }, dropped: 0 }, expected)).toThrow("minute 0 has 1062 users, not 1000");
  expect(() => checkPeer({ ...exact, usersError: 1 }, { totals: { ...expected, users: [] }, dropped: 0 }, expected)).toThrow("0 minutes have users, not 1");
});

it("takes a peer that drops updates only if it owns up to each of them", () => {
  const dropping = { ...exact, mayDrop: "a reason" };
  const totals = { ...expected, song: [2, 6, 20] } as const;
  expect(checkPeer(dropping, { totals, dropped: 4 }, expected)).toBe("differ: 10 % of the updates dropped, for a reason");
  expect(() => checkPeer(dropping, { totals, dropped: 3 }, expected)).toThrow("4 updates are missing, and it says it dropped 3");
  expect(() => checkPeer(dropping, { totals, dropped: 0 }, expected)).toThrow('view "song" adds up to');
  expect(() => checkPeer(exact, { totals, dropped: 4 }, expected)).toThrow('view "song" adds up to');
});

it("takes medians over the warm rounds of all processes, and the largest peak", () => {
  const round = (cpuMs: number) => ({ wallMs: cpuMs * 2, cpuMs, serversCpuMs: 1, totals: expected, dropped: 0 });
  const runs = [
    { rounds: [round(50), round(10), round(30)], peakMb: 7, results: "agree" },
    { rounds: [round(70), round(20), round(20)], peakMb: 9, results: "agree" },
  ];
  expect(peerFigures(runs, 1_000)).toMatchObject({ rounds: 4, cpuSecondsPerMillion: 20, eventsPerSecond: 25_000, serversCpuSecondsPerMillion: 1, peakMb: 9, results: "agree" });
});
