import { defineStream, FIRST_LOG_VERSION, int64, ManifestCatalog, planStreams, timestamp, UnavailableError, type TelemetryEvent } from "@millrace/core";
import { memoryFileSystem, memoryLog, simulatedClock } from "@millrace/core/memory";
import { expect, it } from "vitest";
import { createIngest } from "./create-ingest.js";
// Loaded when there is something to write, which takes real time: virtual time would run past it.
import "./segment-writer.js";

const NOW = Date.UTC(2026, 0, 1);
const { signal } = new AbortController();

/** Ingest of three records, whose decoder finds what it needs away so many times. */
async function ingestWhileAway(times: number) {
  const clock = simulatedClock(NOW);
  const log = memoryLog({ clock, topics: { events: 1 } });
  const files = memoryFileSystem();
  const told: TelemetryEvent[] = [];
  let left = times;
  const stream = defineStream({
    topic: "events",
    columns: { at: timestamp("ms"), n: int64() },
    eventTime: "at",
    decode: {
      prepare: async () => {
        if (left-- > 0) throw new UnavailableError("asking for a schema", "nobody answers");
      },
      decode: ([n]) => ({ at: NOW, n }),
    },
  });
  await log.append("events", [0, 1, 2].map((n) => ({ value: Uint8Array.of(n) })), signal);
  await clock.advance(10 * 60_000);
  const ingest = createIngest({ log, files, clock, plans: planStreams([], [stream.definition]), grid: { segmentOffsets: 100, segmentMs: 60_000 }, telemetry: (event) => told.push(event) });
  let ended: unknown = "not yet";
  const draining = ingest.drain(signal).then(
    () => (ended = "drained"),
    (error: unknown) => (ended = error),
  );
  for (let i = 0; i < 1_000 && ended === "not yet"; i++) {
    await clock.advance(1_000);
    // What is not of virtual time: compression, digests.
    await new Promise(setImmediate);
  }
  if (ended === "not yet") throw new Error("it still waits after 1,000 s");
  await draining;
  const catalog = new ManifestCatalog(files, "events");
  await catalog.refresh(signal);
  return { ended, manifests: catalog.manifests(0, FIRST_LOG_VERSION).map(({ events, deadLetters }) => ({ events, deadLetters })), retries: told.filter(({ type }) => type === "RetryScheduled").length };
}

it("waits for what a stream's decoder needs, longer than for a port, and makes no dead letter meanwhile", async () => {
  expect(await ingestWhileAway(15)).toEqual({ ended: "drained", manifests: [{ events: 3, deadLetters: 0 }], retries: 15 });
});

it("ends with the decoder's error when that stays away, having committed nothing", async () => {
  const { ended, manifests } = await ingestWhileAway(Infinity);
  expect(ended).toMatchObject({ name: "DecoderAwayError", message: 'preparing to decode records of "events": given up after 5 minutes', cause: new UnavailableError("asking for a schema", "nobody answers") });
  expect(manifests).toEqual([]);
});
