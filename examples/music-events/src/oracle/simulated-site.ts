import { createLambda, type AnyView, type LambdaDefinition, type Platform } from "millrace";
import { memoryPlatform, type MemoryPlatform } from "millrace/testing";
import { questions } from "../questions/questions.js";
import { authEvents } from "../streams/auth-events.js";
import { listenEvents } from "../streams/listen-events.js";
import { pageViewEvents } from "../streams/page-view-events.js";
import { statusChangeEvents } from "../streams/status-change-events.js";
import { artistChartMinute } from "../views/artist-chart-minute.js";
import { listenCountMinute } from "../views/listen-count-minute.js";
import { loginsSecond } from "../views/logins-second.js";
import { playsSecond } from "../views/plays-second.js";
import { songChartMinute } from "../views/song-chart-minute.js";
import { warehouse } from "../warehouse/warehouse.js";
import type { ArrivingRecord } from "./made-up-site.js";

export const HOUR_MS = 3_600_000;
export const streams = [listenEvents, pageViewEvents, authEvents, statusChangeEvents] as const;

const STEP_MS = 10;
const never = new AbortController().signal;

const definition = {
  views: [listenCountMinute, songChartMinute, artistChartMinute, loginsSecond, playsSecond],
  models: warehouse,
  questions,
  streams,
  grid: { segmentMs: 6 * HOUR_MS },
} as const satisfies Omit<LambdaDefinition<AnyView>, "platform">;

/** Where tables are built. */
export type Warehouse = Pick<Platform, "files" | "engine">;

/**
 * The example over ports in memory, on a clock that the test moves. No layer runs unless the test says so, so that days
 * pass in no time.
 */
export class SimulatedSite implements AsyncDisposable {
  readonly platform: MemoryPlatform & Warehouse;
  readonly #views: readonly AnyView[];
  #pending: readonly ArrivingRecord[] = [];

  private constructor(platform: MemoryPlatform & Warehouse, views: readonly AnyView[]) {
    this.platform = platform;
    this.#views = views;
  }

  /** A site on ports of its own, or on those of another one with its own warehouse: the given one, or one in memory. Beside the example's views it has `views`. */
  static async open(options: ({ readonly startAt: number; readonly partitions: number } | { readonly logOf: SimulatedSite }) & { readonly warehouse?: Warehouse; readonly views?: readonly AnyView[] }): Promise<SimulatedSite> {
    const { warehouse: other, views = [] } = options;
    if ("logOf" in options) {
      const { log, clock } = options.logOf.platform;
      return new SimulatedSite({ ...memoryPlatform(), log, clock, timers: clock, ...other }, views);
    }
    const platform = { ...memoryPlatform({ startAt: new Date(options.startAt), partitions: options.partitions }), ...other };
    for (const { topic } of streams) await platform.log.createTopic(topic, { partitions: options.partitions }, never);
    return new SimulatedSite(platform, views);
  }

  /** As a process that has just started sees it. */
  lambda = () => createLambda({ ...definition, views: [...definition.views, ...this.#views] as unknown as typeof definition.views, platform: this.platform });

  /** Will be appended when their time has come. */
  send(records: readonly ArrivingRecord[]): void {
    this.#pending = [...this.#pending, ...records].sort((a, b) => a.arrivesAt - b.arrivesAt);
  }

  /** Lets time pass up to an instant, epoch ms; what arrives until then is appended, quarter of an hour by quarter of an hour. */
  async passUntil(instant: number): Promise<void> {
    const { clock, log } = this.platform;
    while (clock.now() < instant) {
      await clock.advance(Math.min(HOUR_MS / 4, instant - clock.now()));
      let arrived = 0;
      while (arrived < this.#pending.length && this.#pending[arrived]!.arrivesAt <= clock.now()) arrived++;
      for (const { topic } of streams) {
        const values = this.#pending.slice(0, arrived).filter((record) => record.topic === topic);
        if (values.length > 0) await log.append(topic, values.map(({ value }) => ({ value })), never);
      }
      this.#pending = this.#pending.slice(arrived);
    }
  }

  /** Ingests what is sealed. */
  async ingest(): Promise<void> {
    await this.lambda().layers.ingest().drain(never);
  }

  /** Runs a speed layer that starts from nothing but its ports, until it has caught up. */
  async catchUp(): Promise<void> {
    const lambda = this.lambda();
    const stop = new AbortController();
    const running = lambda.speed({ signal: stop.signal });
    let settled = false;
    const done = lambda.caughtUp({ signal: stop.signal }).finally(() => (settled = true));
    done.catch(() => undefined);
    const failed = running.catch((error: unknown) => {
      settled = true;
      throw error;
    });
    failed.catch(() => undefined);
    while (!settled) await this.platform.clock.advance(STEP_MS);
    stop.abort();
    await failed;
    await done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { engine, store, files } = this.platform;
    await Promise.all([engine.close(), store.close(), files.close()]);
  }
}
