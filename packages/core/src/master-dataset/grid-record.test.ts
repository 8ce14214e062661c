import { describe, expect, it } from "vitest";
import { memoryFileSystem } from "../memory/memory-file-system.js";
import type { TopicDescription } from "../ports/event-log.js";
import { claimGridRecord, readGridRecord } from "./grid-record.js";
import { gridRecordPath } from "./manifest-path.js";
import { topicGrid } from "./topic-grid.js";

const signal = new AbortController().signal;
const claim = { topic: "plays", logVersion: 1_024, partition: 3, grid: { segmentOffsets: 10, segmentMs: 1_000 }, origin: 7 };

describe("claimGridRecord", () => {
  it("writes once: all of many claims at a time get the same", async () => {
    const files = memoryFileSystem();
    const records = await Promise.all([7, 8, 9].map((origin) => claimGridRecord(files, { ...claim, origin }, signal)));
    expect(new Set(records.map(({ origin }) => origin)).size).toBe(1);
    // The log was trimmed since: the origin stands.
    expect(await claimGridRecord(files, { ...claim, origin: 500 }, signal)).toEqual(records[0]);
    expect(await readGridRecord(files, "plays", 3, signal)).toEqual(records[0]);
    expect(await readGridRecord(files, "plays", 4, signal)).toBeNull();
  });

  it.each([
    ["another S", { grid: { segmentOffsets: 11, segmentMs: 1_000 } }, "its segment length in offsets was recorded as 10, this process has 11"],
    ["another T", { grid: { segmentOffsets: 10, segmentMs: null } }, "its segment length in ms was recorded as 1000, this process has null"],
    ["another log version", { logVersion: 1_025 }, "its log version was recorded as 1024, this process has 1025"],
  ])("refuses %s", async (_, change, message) => {
    const files = memoryFileSystem();
    await claimGridRecord(files, claim, signal);
    await expect(claimGridRecord(files, { ...claim, ...change }, signal)).rejects.toMatchObject({ code: "GRID_MISMATCH", message: `opening partition 3 of "plays": ${message}` });
  });

  it("refuses a record that is torn", async () => {
    const files = memoryFileSystem();
    await files.replace(gridRecordPath("plays", 3), new TextEncoder().encode('{"format":1'), signal);
    await expect(claimGridRecord(files, claim, signal)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  });
});

describe("topicGrid", () => {
  const description: TopicDescription = { topic: "plays", timestamps: "append", retentionMs: null, compacted: false, partitions: [] };

  it("leaves the time out where there is no broker clock", () => {
    expect(topicGrid(description, claim.grid)).toEqual(claim.grid);
    expect(topicGrid({ ...description, timestamps: "create" }, claim.grid)).toEqual({ segmentOffsets: 10, segmentMs: null });
  });

  it("refuses topics that would lose records", () => {
    expect(() => topicGrid({ ...description, compacted: true }, claim.grid)).toThrow("it is compacted");
    expect(() => topicGrid({ ...description, retentionMs: 1_500 }, claim.grid, 500)).toThrow("needed for more than 1500 ms");
    expect(topicGrid({ ...description, retentionMs: 1_501 }, claim.grid, 500)).toEqual(claim.grid);
  });
});
