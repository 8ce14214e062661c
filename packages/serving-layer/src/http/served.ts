import type { Clock, Cut, ViewDefinition } from "@millrace/core";
import type { Dashboard } from "../dashboard/dashboard.js";
import type { Questions } from "../questions/create-questions.js";
import type { Serving } from "../serving.js";
import type { Trust } from "../trust/trust.js";
import type { ViewDescription } from "./describe-view.js";
import type { WorkerState } from "./worker-gauges.js";

/** What the server serves. `lambda.serve` of the `millrace` package makes it of a lambda. */
export interface Served {
  readonly serving: Pick<Serving<never>, "prepare">;
  readonly views: readonly ViewDefinition[];
  /** Default: none. */
  readonly questions?: Questions;
  /** Tells which day it is where a query names no range. */
  readonly clock: Clock;
  /** Plain JSON, without secrets. */
  describe(): LambdaDescription;
  /** How far both layers are. */
  trust(signal: AbortSignal): Promise<Trust>;
  /** Oldest first. */
  generations(signal: AbortSignal): Promise<readonly GenerationSummary[]>;
  /** The oldest `limit` dead letters of a topic, or of all. */
  deadLetters(options: { readonly topic: string | undefined; readonly limit: number }, signal: AbortSignal): Promise<{ readonly letters: readonly DeadLetterEntry[]; readonly more: boolean }>;
  /** Whether log, store, files and the current generation can be read. */
  ready(signal: AbortSignal): Promise<readonly ReadyCheck[]>;
  /** Where a speed layer in the same process stands, for `/metrics`. Default: there is none. */
  workers?(): readonly WorkerState[];
}

/** The answer of `GET /api/lambda`. */
export interface LambdaDescription {
  readonly views: readonly ViewDescription[];
  readonly streams: readonly {
    readonly topic: string;
    readonly eventTime: string;
    readonly latenessMs: number;
    readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  }[];
  readonly models: readonly { readonly name: string; readonly partitioned: string; readonly key: readonly string[]; readonly fingerprint: string }[];
  readonly outputs: readonly { readonly from: string; readonly sink: string }[];
  /** Names of the ports. */
  readonly platform: Readonly<Record<string, string>>;
  /** What the live page shows by default, where it was declared. */
  readonly dashboard?: Dashboard;
}

/** One generation, as `GET /api/generations` lists it. Times are epoch ms. */
export interface GenerationSummary {
  readonly number: number;
  readonly current: boolean;
  readonly parent: number | null;
  readonly kind: string;
  readonly contentOf: number | null;
  readonly publishedAt: number;
  readonly durationMs: number;
  readonly cut: Cut;
  readonly drift: readonly { readonly view: string; readonly status: string; readonly rowsCompared?: number; readonly reason?: string; readonly total?: number }[];
  readonly tables: readonly { readonly name: string; readonly kind: string; readonly dates: number; readonly rows: number }[];
}

/** One dead letter, as `GET /api/dead-letters` lists it. */
export interface DeadLetterEntry {
  readonly topic: string;
  readonly logVersion: number;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly appendedAt: number;
  readonly reason: string;
  readonly column: string | null;
  readonly detail: string;
  /** The raw value as text, its first 4,096 characters; null when there was none. */
  readonly value: string | null;
  readonly valueBytes: number;
  readonly cut: boolean;
}

/** One part of the platform, tried. */
export interface ReadyCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}
