export { memoryFileSystem, type MemoryFileSystemOptions } from "./memory-file-system.js";
export { memoryLog, type MemoryLog, type MemoryLogOptions, type MemoryTopicSettings, type PlacedRecord } from "./memory-log.js";
export { memoryRoleLock } from "./memory-role-lock.js";
export { memorySink, type MemorySink } from "./memory-sink.js";
export { memoryViewStore, type MemoryViewStoreOptions } from "./memory-view-store.js";
export { memoryWorkerGroup, type MemoryWorkerGroup } from "./memory-worker-group.js";
export { simulatedClock, type SimulatedClock } from "../clock/simulated-clock.js";
export { systemClock } from "../clock/system-clock.js";
