import type { FileSystem, SegmentPartials, ViewStore } from "@millrace/core";
import { memoryViewStore } from "@millrace/core/memory";
import type { Clock } from "@millrace/core";

/** Ports that break one clause of their contract: histories must find out. */
export interface BrokenPorts {
  readonly name: string;
  readonly store?: (clock: Clock) => ViewStore;
  readonly files?: (files: FileSystem) => FileSystem;
}

export const BROKEN_PORTS: readonly BrokenPorts[] = [
  {
    name: "a store whose last write wins, whatever its version",
    store: (clock) => {
      const store = memoryViewStore({ clock });
      let writes = 0;
      // A version of its own for every write: what came last is the highest.
      return { ...store, write: (view, partials, expiresAt, signal) => store.write(view, { ...partials, versions: partials.versions.map(() => ++writes) } satisfies SegmentPartials, expiresAt, signal) };
    },
  },
  {
    name: "a store that drops rows before they expire",
    store: (clock) => {
      const store = memoryViewStore({ clock });
      return { ...store, write: (view, partials, expiresAt, signal) => store.write(view, partials, expiresAt - 4_000, signal) };
    },
  },
  {
    name: "a store that says a write is durable and forgets every fifth",
    store: (clock) => {
      const store = memoryViewStore({ clock });
      let writes = 0;
      return { ...store, write: async (view, partials, expiresAt, signal) => (++writes % 5 === 0 ? undefined : store.write(view, partials, expiresAt, signal)) };
    },
  },
  {
    name: "files that say one was created and forget every eighth",
    files: (files) => {
      let created = 0;
      return { ...files, putIfAbsent: async (path, content, signal) => ++created % 8 === 0 || (await files.putIfAbsent(path, content, signal)) };
    },
  },
];
