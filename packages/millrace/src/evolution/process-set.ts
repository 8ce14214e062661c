import { naiveFold } from "@millrace/core/testing";
import type { AnyView, EventLog, Platform, SimulatedClock } from "@millrace/core";
import type { Answer } from "@millrace/serving-layer";
import { UnservableError } from "@millrace/serving-layer";
import { createLambda } from "../lambda/create-lambda.js";
import type { LambdaDefinition } from "../lambda/lambda-definition.js";
import type { Lambda } from "../lambda/lambda.js";

export interface SharedPlatform extends Platform {
  readonly clock: SimulatedClock;
}

const never = new AbortController().signal;

/** Records are of the days around this. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);
const RANGE = { from: NOON_MS - 40 * 86_400_000, until: NOON_MS + 40 * 86_400_000 };

/** The processes of one set of declarations, on ports that they share with those of others. */
export class ProcessSet {
  readonly name: string;
  readonly lambda: Lambda<AnyView>;
  readonly #platform: SharedPlatform;
  readonly #speedOf: ProcessSet | undefined;
  #stop = new AbortController();
  #speed: Promise<void> | undefined;

  /** `beside`: other processes at work. If they have the same views, their speed layer is this set's as well. */
  constructor(name: string, definition: Omit<LambdaDefinition<AnyView>, "platform">, platform: SharedPlatform, beside?: ProcessSet) {
    this.name = name;
    this.#platform = platform;
    const viewsOf = ({ views }: Pick<LambdaDefinition<AnyView>, "views">) => views.map((view) => view.definition.fingerprint).sort().join();
    this.#speedOf = beside !== undefined && viewsOf(beside.lambda) === viewsOf(definition) ? beside : undefined;
    this.lambda = createLambda<AnyView>({ grid: { segmentOffsets: 8, segmentMs: 60_000 }, sealGuardMs: 1_000, flushMinMs: 0, ...definition, platform });
  }

  start(): void {
    if (this.#speed !== undefined || this.#speedOf !== undefined) return;
    this.#stop = new AbortController();
    this.#speed = this.lambda.speed({ signal: this.#stop.signal });
    this.#speed.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#speed;
    this.#speed = undefined;
  }

  /** Seals what time allows, as ingest of this set writes it. */
  async ingest(): Promise<void> {
    await this.#platform.clock.advance(120_000);
    await this.lambda.layers.ingest().drain(never);
  }

  /**
   * Compares answers with the fold of the log, or of `log` in its place.
   *
   * @throws {UnservableError} when a view is refused; {@link Error} when an answer is another.
   */
  async expectExact(views: readonly string[] = this.lambda.definitions.views.map(({ name }) => name), log: EventLog = this.#platform.log): Promise<void> {
    await (this.#speedOf ?? this).#caughtUp();
    for (const name of views) {
      const view = this.lambda.definitions.views.find((each) => each.name === name)!;
      const { rows, envelope } = await this.ask(name);
      const naive = await naiveFold(log, view, never);
      const text = (row: object): string => JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
      const [is, must] = [rows, naive.rows].map((each) => each.map(text).sort().join("\n"));
      if (is !== must) throw new Error(`${this.name}: the answer of "${name}" from generation ${envelope.generation} is\n${is}\ninstead of\n${must}`);
      if (!envelope.complete) throw new Error(`${this.name}: the answer of "${name}" is not complete: ${JSON.stringify(envelope.missing)}`);
    }
  }

  /** @throws what the speed layer failed with: nobody would catch up then. */
  async #caughtUp(): Promise<void> {
    await Promise.race([this.lambda.caughtUp(), this.#speed?.then(() => Promise.reject(new Error(`the speed layer of ${this.name} has ended`)))]);
  }

  /** Everything that a view has. */
  async ask(view: string): Promise<Answer<Record<string, unknown>>> {
    const ask = this.lambda.query as unknown as (view: string, query: object) => Promise<Answer<Record<string, unknown>>>;
    return ask(view, RANGE);
  }

  /** Why a view is refused; undefined when it is not. */
  async refusal(view: string): Promise<UnservableError | undefined> {
    try {
      await this.ask(view);
      return undefined;
    } catch (error) {
      if (error instanceof UnservableError) return error;
      throw error;
    }
  }
}
