import { describe, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { FileNotFoundError } from "../errors/file-not-found-error.js";
import { eventLogConformance } from "../testing/event-log-conformance.js";
import { fileSystemConformance } from "../testing/file-system-conformance.js";
import { roleLockConformance } from "../testing/role-lock-conformance.js";
import { sinkConformance } from "../testing/sink-conformance.js";
import { viewStoreConformance } from "../testing/view-store-conformance.js";
import { workerGroupConformance } from "../testing/worker-group-conformance.js";
import { memoryFileSystem } from "./memory-file-system.js";
import { memoryLog } from "./memory-log.js";
import { memoryRoleLock } from "./memory-role-lock.js";
import { memorySink } from "./memory-sink.js";
import { memoryViewStore } from "./memory-view-store.js";
import { memoryWorkerGroup } from "./memory-worker-group.js";

const never = new AbortController().signal;

/** A second client of something in memory is the thing itself; only closing is its own. */
const sameButClosing = <P extends { close: () => Promise<void> }>(port: P): P => ({ ...port, close: async () => {} });

describe("memory", () => {
  eventLogConformance(it, async () => {
    const clock = simulatedClock(1_700_000_000_000);
    const log = memoryLog({ clock });
    return {
      log,
      readBack: async (topic, partition) => log.records(topic, partition),
      another: async () => sameButClosing(log),
      passTime: (ms) => clock.advance(ms),
      trim: async (topic, partition, below) => log.trim(topic, partition, below),
      recreate: async (topic) => log.recreate(topic),
    };
  });

  viewStoreConformance(it, async () => {
    const clock = simulatedClock(1_700_000_000_000);
    const store = memoryViewStore({ clock });
    return { store, now: () => clock.now(), another: async () => sameButClosing(store), moveTo: async (instant) => clock.set(instant) };
  });

  fileSystemConformance(it, async () => {
    const files = memoryFileSystem();
    return {
      files,
      another: async () => sameButClosing(files),
      readBack: (path) =>
        files.read(path, never).catch((error: unknown) => {
          if (error instanceof FileNotFoundError) return null;
          throw error;
        }),
    };
  });

  const NOTHING_TO_BREAK = "nothing lies between this sink and its memory that could fail or wait";
  sinkConformance(
    it,
    async () => {
      const sink = memorySink<{ n: number; text: string }>();
      return {
        sink,
        row: (n, large) => ({ n, text: large ? "x".repeat(1e6) : `row ${n}` }),
        readBack: async () => sink.rows,
        reopen: async () => ({ ...sink, write: async (batch) => void (sink.batches as Map<string, typeof batch>).set(batch.id, batch) }),
      };
    },
    { "aborts-under-way": NOTHING_TO_BREAK, "reports-failure": NOTHING_TO_BREAK, "failure-is-retryable": NOTHING_TO_BREAK },
  );

  // region role-lock
  roleLockConformance(
    it,
    async () => {
      const lock = memoryRoleLock();
      return { lock, another: () => lock };
    },
    { "frees-the-dead": "its holders live as long as it does" },
  );
  // endregion

  workerGroupConformance(
    it,
    async () => {
      const log = memoryLog({ clock: simulatedClock(1_700_000_000_000), topics: { plays: 3 } });
      const workers = memoryWorkerGroup(log);
      const opened: (typeof workers)[] = [];
      return {
        workers,
        // Members of one process share one group, so another client is one that leaves what it joined when it is closed.
        another: async () => {
          const own = workers.another();
          opened.push(own);
          return own;
        },
        topic: "plays",
        partitions: 3,
        addPartitions: async (partitions) => {
          await log.createTopic("plays", { partitions }, never);
          await workers.refresh();
        },
        dispose: async () => {
          await Promise.all(opened.map((own) => own.close()));
        },
      };
    },
    { "frees-the-dead": "its members live as long as it does" },
  );
});
