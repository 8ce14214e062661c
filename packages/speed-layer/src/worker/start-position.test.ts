import { expect, it } from "vitest";
import type { ProgressRow } from "@millrace/core";
import { durableAtStart, startPosition, startRestsOn } from "./start-position.js";

const partition = { topic: "plays", logVersion: 1_024, partition: 0 };

const row = (fingerprint: string, previous: number, until: number, sealed: boolean, coveredUntil = 100): ProgressRow => ({
  fingerprint, segment: { ...partition, first: previous }, previous, until, sealed, version: until, records: 1, events: 1, filtered: 0, late: 0, deadLetters: 0,
  minWindow: null, maxWindow: null, maxEventTime: null, receivedAt: 0, crc: 0, coveredUntil, overlapping: true,
});

it("starts at the first unsealed position of the view that is furthest behind, and rests on the sealed row before it", () => {
  const ahead = [row("a", 0, 10, true), row("a", 10, 20, true), row("a", 20, 25, false)];
  const behind = [row("b", 0, 10, true), row("b", 10, 15, false)];
  expect(startPosition([ahead, behind], partition, [0, 0], 50)).toBe(10);
  expect(startRestsOn([ahead, behind], partition, [0, 0], 50, 10)).toEqual([ahead[0], behind[0]]);
});

it("rests on nothing at the cut, and on no row that is past its coverage", () => {
  const rows = [row("a", 0, 10, true), row("a", 10, 20, true, 40)];
  expect(startPosition([rows], partition, [10], 50)).toBe(10);
  expect(startRestsOn([rows], partition, [10], 50, 10)).toEqual([]);
  expect(startRestsOn([rows], partition, [0], 50, startPosition([rows], partition, [0], 50))).toEqual([rows[0]]);
});

it("walks each view's chain from its own cut: one that an older generation serves holds the start back only while it lacks rows", () => {
  const served = [row("a", 20, 30, true)];
  const older = [row("b", 0, 10, true), row("b", 10, 20, true), row("b", 20, 30, true)];
  expect(startPosition([served, older], partition, [20, 0], 50)).toBe(30);
  expect(startPosition([served, older.slice(0, 1)], partition, [20, 0], 50)).toBe(10);
});

it("finds durable what every view has of the segment that begins at the start, by progress that reads can trust", () => {
  const a = [row("a", 0, 10, true), row("a", 10, 25, false)];
  const b = [row("b", 0, 10, true), row("b", 10, 20, true), row("b", 20, 22, false)];
  expect(durableAtStart([a, b], partition, 50, 10)).toEqual({ first: 10, until: 20 });
  expect(durableAtStart([a, b, []], partition, 50, 10)).toBeUndefined();
  expect(durableAtStart([a, b], partition, 50, 25)).toBeUndefined();
  const [sealed, open] = a as [ProgressRow, ProgressRow];
  const doubtful: ProgressRow[] = [
    { ...open, overlapping: false },
    { ...open, coveredUntil: 50 },
    { ...open, segment: { ...open.segment, end: 25 } },
    { ...open, segment: { ...open.segment, partition: 1 } },
    { ...open, segment: { ...open.segment, logVersion: 2_048 } },
  ];
  for (const each of doubtful) expect(durableAtStart([[sealed, each], b], partition, 50, 10)).toBeUndefined();
  // Gaps in the offsets: a writer that saw another first record wrote other rows.
  expect(durableAtStart([[{ ...open, segment: { ...open.segment, first: 11 } }], b], partition, 50, 10)).toBeUndefined();
});
