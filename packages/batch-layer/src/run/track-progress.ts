import { writeRunProgress, type Clock, type FileSystem, type RunProgress } from "@millrace/core";
import type { BuildStep } from "./build-tables.js";
import type { RunPlan } from "./run-plan.js";
import { RUNS_FOLDER } from "./run-record.js";

export interface TrackProgress {
  readonly files: FileSystem;
  readonly clock: Clock;
  /** The run's name. */
  readonly run: string;
  readonly number: number;
  readonly startedAt: number;
  readonly plan: RunPlan;
  /** Segments that are read again first. */
  readonly unread: number;
}

/** Told what a run has done. */
export interface RunTracker {
  /** A segment was read again. */
  read(): Promise<void>;
  /** What is built is known now. */
  planned(plan: RunPlan): Promise<void>;
  /** A date was built. */
  step(step: BuildStep): Promise<void>;
  /** The run ends, and needs none of its own files any more. */
  end(): Promise<void>;
}

/**
 * Says in a file how far a run is that builds whole tables anew, so that whoever is refused meanwhile learns how long it
 * takes. A run that only adds to tables says nothing: they are served as they were.
 */
export async function trackProgress({ files, clock, run, number, startedAt, plan: first, unread }: TrackProgress, signal: AbortSignal): Promise<RunTracker> {
  const anewIn = ({ tables }: RunPlan) => tables.filter(({ reason }) => reason === "new" || reason === "stale" || reason === "full");
  let anew = anewIn(first);
  let read = 0;
  const done = new Map<string, number>();
  const tell = async () => {
    if (anew.length === 0) return;
    const progress: RunProgress = {
      format: 1,
      run,
      number,
      startedAt,
      at: clock.now(),
      segments: { done: read, total: unread },
      tables: anew.map(({ name, kind, fingerprint, build }) => ({ name, kind, fingerprint, done: done.get(name) ?? 0, total: build.length })),
    };
    await writeRunProgress(files, progress, signal);
  };
  await tell();
  return {
    async read() {
      read++;
      await tell();
    },
    async planned(plan) {
      anew = anewIn(plan);
      await tell();
    },
    async step({ table }) {
      done.set(table.name, (done.get(table.name) ?? 0) + 1);
      if (anew.some(({ name }) => name === table.name)) await tell();
    },
    end: () => files.remove(`${RUNS_FOLDER}/${run}`, signal),
  };
}
