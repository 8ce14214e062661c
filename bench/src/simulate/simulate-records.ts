import { createHash } from "node:crypto";
import { loadConfig, simulate, type SimulatedEvent } from "../../../examples/music-events/src/simulator/index.js";
import { measureRun } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";

export interface SimulateRecordsParams {
  /** Path of the configuration file. */
  readonly config: string;
  readonly users: number;
  /** Of each round; the next one goes on with the next event. */
  readonly events: number;
  readonly rounds: number;
  /** How many of the first records are compared. */
  readonly compared: number;
}

/** Noon of a Monday, when people listen. */
const START_MS = Date.UTC(2025, 0, 6, 12);
const BUFFER_BYTES = 1 << 20;
/** More than any record. */
const ROOM_BYTES = 1 << 14;

const eventsOf = ({ config, users }: SimulateRecordsParams) => simulate({ config: loadConfig(config), seed: 1, users, startMs: START_MS });

/** Simulates in memory, every record written as UTF-8 into a buffer that is used again. */
export async function simulateRecords(params: SimulateRecordsParams) {
  const stopWatching = watchMemory();
  const events = eventsOf(params);
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const digest = createHash("sha256");
  let used = 0;
  let bytes = 0;
  const write = ({ value }: SimulatedEvent): void => {
    if (used > BUFFER_BYTES - ROOM_BYTES) used = 0;
    const written = buffer.write(value, used);
    used += written;
    bytes += written;
  };
  // All users are drawn before the first event.
  const start = await measureRun(async () => events.next().value);
  digest.update(start.result.value);
  for (let count = 1; count < params.compared; count++) digest.update(events.next().value.value);
  const rounds = [];
  for (let round = 0; round < params.rounds; round++) {
    const { wallMs, cpuMs } = await measureRun(async () => {
      for (let count = 0; count < params.events; count++) write(events.next().value);
    });
    rounds.push({ wallMs, cpuMs });
  }
  return { startMs: start.wallMs, startCpuMs: start.cpuMs, rounds, recordBytes: bytes / (params.events * params.rounds), digest: digest.digest("hex"), ...stopWatching() };
}

/** What writing the same records takes with `JSON.stringify`, from objects that are there already: nothing is simulated. */
export async function stringifyRecords(params: SimulateRecordsParams) {
  const stopWatching = watchMemory();
  const events = eventsOf(params);
  const records = Array.from({ length: params.compared }, () => JSON.parse(events.next().value.value) as unknown);
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const rounds = [];
  for (let round = 0; round < params.rounds; round++) {
    const { wallMs, cpuMs } = await measureRun(async () => {
      for (let count = 0, used = 0; count < params.events; count++) {
        if (used > BUFFER_BYTES - ROOM_BYTES) used = 0;
        used += buffer.write(JSON.stringify(records[count % records.length]), used);
      }
    });
    rounds.push({ wallMs, cpuMs });
  }
  const digest = createHash("sha256");
  for (const record of records) digest.update(JSON.stringify(record));
  return { rounds, digest: digest.digest("hex"), ...stopWatching() };
}
