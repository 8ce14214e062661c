import type { TableCatalog } from "@millrace/core";
import type { MergedViews } from "./merged-views.js";

/**
 * A catalog that replaces the merged views as well, once it has shown a generation. A merged view that was not replaced
 * says what it said before, exactly, so that a server which is away holds nobody up: `onFailure` is told, and because
 * `current` then says that something is missing, the next run, rollback or prune shows the generation again.
 */
export function withMergedViews(catalog: TableCatalog, merged: MergedViews, onFailure: (error: unknown) => void): TableCatalog {
  return {
    name: catalog.name,
    prepare: (tables, signal) => catalog.prepare(tables, signal),
    async current(signal) {
      const shown = await catalog.current(signal);
      if (shown === null) return null;
      try {
        const least = await merged.shown(signal);
        return least === null ? null : Math.min(shown, least);
      } catch {
        signal.throwIfAborted();
        return null;
      }
    },
    async show(generation, signal) {
      await catalog.show(generation, signal);
      try {
        await merged.apply(signal, generation);
      } catch (error) {
        signal.throwIfAborted();
        onFailure(error);
      }
    },
    forget: (pruned, signal) => catalog.forget(pruned, signal),
    probe: (signal) => catalog.probe(signal),
  };
}
