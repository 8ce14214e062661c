import { createBatch, createIngest, CutNotReachedError, PublicationLostError, RollbackNotCoveredError, RunOptionError } from "@millrace/batch-layer";
import { LogTrimmedError, planStreams, readCurrent, SqlError } from "@millrace/core";
import { createServing } from "@millrace/serving-layer";
import { createSpeedLayer } from "@millrace/speed-layer";
import { describeError } from "./describe-error.js";
import { askView } from "./ask-view.js";
import type { CallFault, Caller } from "./gate.js";
import { InjectedFault } from "./gate.js";
import { gatedPorts } from "./gated-platform.js";
import type { Role } from "./layer-schedule.js";
import { VIEWS } from "./layer-views.js";
import { GRACE_MS, GRID, REFRESH_MS, SEAL_GUARD_MS, SPEED_RETENTION_MS } from "./layer-world.js";
import type { LayerWorld } from "./layer-world.js";

/** A process of one role: layer objects of its own over gated ports, from its start until it ends or dies. */
export class LayerProcess implements Caller {
  readonly name: string;
  readonly role: Role;
  /** Views that were deployed when it started. */
  readonly views: number;
  dead = false;
  fault: CallFault | undefined;
  ended = false;
  readonly #abort = new AbortController();
  readonly #startedAt: number;
  /** Generations when it started. */
  readonly #published: number;

  constructor(world: LayerWorld, role: Role, number: number, choice: number) {
    this.role = role;
    this.name = `${role}#${number}`;
    this.views = world.views;
    this.#startedAt = world.clock.now();
    this.#published = published(world);
    world.note(() => `${this.name} starts`);
    this.#work(world, choice).then(
      () => {
        if (!this.dead) world.note(() => `${this.name} ends`);
        this.ended = true;
      },
      (error: unknown) => {
        this.ended = true;
        if (this.dead) return;
        world.note(() => `${this.name} ends: ${describeError(error)}`);
        if (!this.#mayEnd(world, error)) world.fail(`${role.split(" ")[0]} failed`, describeError(error));
      },
    );
  }

  get alive(): boolean {
    return !this.dead && !this.ended;
  }

  #mayEnd(world: LayerWorld, error: unknown): boolean {
    if (error instanceof InjectedFault) return true;
    if (error instanceof PublicationLostError) {
      world.counts.lostRuns++;
      return true;
    }
    // Pruned under it: a run that was overtaken loses anyhow, a query had its time.
    if (error instanceof SqlError && world.counts.prunings > 0) {
      return this.role.startsWith("run") ? published(world) > this.#published : this.role.startsWith("reader") && world.clock.now() - this.#startedAt >= GRACE_MS;
    }
    // A rival took the segment, and the log was free to drop it. The next process begins where the manifests end.
    if (error instanceof LogTrimmedError && this.role.startsWith("ingest") && world.counts.trims > 0) return true;
    if (error instanceof RollbackNotCoveredError || error instanceof CutNotReachedError || error instanceof RunOptionError) return this.role === "operator";
    // Records that are gone, a topic that is another one: to say so and stop is right.
    if (world.damaged.size > 0) return error instanceof LogTrimmedError || world.recreated;
    return false;
  }

  async #work(world: LayerWorld, choice: number): Promise<void> {
    const { clock } = world;
    const { signal } = this.#abort;
    const ports = gatedPorts(world.gate, this, world);
    const views = VIEWS.slice(0, this.views).map(({ definition }) => definition);
    // Every process decodes for all that reads the topic.
    const plans = planStreams(VIEWS.map(({ definition }) => definition));
    const batch = () => createBatch({ ...ports, clock, views, models: [], plans });
    switch (this.role) {
      case "speed 0":
      case "speed 1":
        return createSpeedLayer({
          ...ports,
          clock,
          views,
          plans,
          grid: GRID,
          flushMinMs: 0,
          refreshMs: REFRESH_MS,
          batchPeriodMs: 0,
          speedRetentionMs: SPEED_RETENTION_MS,
          maxInFlight: 1 + (choice % 9),
          workerId: this.role,
        }).run(signal);
      case "ingest 0":
      case "ingest 1": {
        const ingest = createIngest({
          ...ports,
          clock,
          plans,
          grid: GRID,
          sealGuardMs: SEAL_GUARD_MS,
          telemetry: ({ type }) => {
            if (type === "ManifestCommitted") world.counts.manifests++;
          },
        });
        return choice % 2 === 0 ? ingest.run(signal) : ingest.drain(signal);
      }
      case "run 0":
      case "run 1": {
        const made = await batch().run({ full: choice % 7 === 0 }, signal);
        if (!("unchanged" in made)) world.counts.generations++;
        return;
      }
      case "operator": {
        if (choice % 2 === 0) {
          world.counts.prunings++;
          world.counts.pruned += (await batch().prune({ keep: choice % 3 === 0 ? 2 : 1, graceMs: GRACE_MS }, signal)).generations.length;
          return;
        }
        const numbers = (await batch().list(signal)).map(({ number }) => number);
        const current = await readCurrent(ports.files, signal);
        const older = numbers.filter((number) => number < (current?.number ?? 0));
        const target = older[choice % older.length];
        if (target === undefined) return;
        await batch().rollback(target, signal);
        world.counts.rollbacks++;
        return;
      }
      case "reader 0":
      case "reader 1": {
        const serving = createServing({ ...ports, clock, views: VIEWS.slice(0, this.views) });
        // The second time with what the first one left in its caches.
        for (let ask = 0; ask < 2; ask++) await askView(world, serving, VIEWS[choice % this.views]!.name);
        return;
      }
    }
  }
}

const published = ({ counts }: LayerWorld): number => counts.generations + counts.rollbacks;

