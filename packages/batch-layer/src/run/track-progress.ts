import { writeRunProgress, type Clock, type FileSystem, type RunProgress } from "@millrace/core";
import type { BuildStep } from "./build-tables.js";
import type { RunPlan } from "./run-plan.js";

export interface TrackProgress {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly plan: RunPlan;
  /** The run's name. */
  readonly run: string;
  readonly number: number;
  readonly startedAt: number;
}

/**
 * Says in a file how far a run is that builds whole tables anew, so that whoever is refused meanwhile learns how long it
 * takes. A run that adds to tables says nothing: they are served as they were.
 */
export async function trackProgress({ files, clock, plan, run, number, startedAt }: TrackProgress, signal: AbortSignal) {
  const anew = plan.tables.filter(({ reason }) => reason === "new" || reason === "stale" || reason === "full");
  const done = new Map(anew.map(({ name }) => [name, 0]));
  const tell = async () => {
    const progress: RunProgress = {
      format: 1, run, number, startedAt,
      at: clock.now(),
      tables: anew.map(({ name, kind, fingerprint, build }) => ({ name, kind, fingerprint, done: done.get(name)!, total: build.length })),
    };
    await writeRunProgress(files, progress, signal);
  };
  if (anew.length > 0) await tell();
  return {
    /** A date was built. */
    async step({ table }: BuildStep): Promise<void> {
      const sofar = done.get(table.name);
      if (sofar === undefined) return;
      done.set(table.name, sofar + 1);
      await tell();
    },
  };
}
