import { memoryWarehouse } from "@millrace/batch-layer/memory";
import type { Platform } from "@millrace/core";
import { memoryLog, memoryRoleLock, memoryViewStore, simulatedClock, type MemoryLog, type SimulatedClock } from "@millrace/core/memory";

/** What `memoryPlatform` takes. */
export interface MemoryPlatformOptions {
  /** Where the virtual time starts. Default 2026-01-01T00:00:00Z. */
  readonly startAt?: Date;
  /** Partitions of every topic. Default 2. */
  readonly partitions?: number;
}

/** Every port in memory, on one clock that stands still until it is moved. */
export interface MemoryPlatform extends Platform {
  readonly log: MemoryLog;
  readonly clock: SimulatedClock;
}

/** A platform for tests: no server, no data directory, and time only passes by `clock.advance`. */
export function memoryPlatform({ startAt = new Date("2026-01-01T00:00:00Z"), partitions = 2 }: MemoryPlatformOptions = {}): MemoryPlatform {
  const clock = simulatedClock(startAt.getTime());
  return {
    log: memoryLog({ clock }),
    store: memoryViewStore({ clock }),
    ...memoryWarehouse(),
    clock,
    timers: clock,
    roles: memoryRoleLock(),
    newTopicPartitions: partitions,
  };
}
