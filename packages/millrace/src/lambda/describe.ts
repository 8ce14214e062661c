import type { Grid, ModelDefinition, Output, Platform, StreamPlan, ViewDefinition } from "@millrace/core";
import { coordinateName } from "@millrace/core";

/** The resolved configuration, as plain JSON. Secrets never enter it: ports show their names only. */
export interface Description {
  readonly grid: Grid;
  readonly sealGuardMs: number;
  readonly speedRetentionMs: number;
  readonly batchEveryMs: number;
  readonly platform: Readonly<Record<string, string>>;
  readonly streams: readonly {
    readonly topic: string;
    readonly eventTime: string;
    readonly columns: Readonly<Record<string, string>>;
    readonly latenessMs: number;
    readonly maxPastMs: number | null;
    readonly maxFutureMs: number;
    readonly coordinates: readonly string[];
  }[];
  readonly views: readonly {
    readonly name: string;
    readonly from: string;
    readonly by: readonly string[];
    readonly every: string;
    readonly measures: readonly string[];
    readonly fingerprint: string;
  }[];
  readonly models: readonly { readonly name: string; readonly partitioned: string; readonly key: readonly string[]; readonly fingerprint: string }[];
  readonly outputs: readonly { readonly from: string; readonly sink: string }[];
}

export function describeLambda(
  settings: Pick<Description, "grid" | "sealGuardMs" | "speedRetentionMs" | "batchEveryMs">,
  platform: Platform,
  definitions: { readonly views: readonly ViewDefinition[]; readonly models: readonly ModelDefinition[]; readonly outputs: readonly Output[]; readonly plans: readonly StreamPlan[] },
): Description {
  return {
    ...settings,
    platform: { log: platform.log.name, store: platform.store.name, files: platform.files.name, engine: platform.engine.name, ...(platform.workers === undefined ? {} : { workers: platform.workers.name }) },
    streams: definitions.plans.map(({ stream, coordinates }) => ({
      topic: stream.topic,
      eventTime: stream.eventTime,
      columns: Object.fromEntries(
        Object.entries(stream.columns).map(([name, column]) => [
          name,
          `${column.kind}${column.kind === "decimal" ? `(${column.scale})` : ""}${column.unit ? `(${column.unit})` : ""}${column.optional ? " optional" : ""}`,
        ]),
      ),
      latenessMs: stream.latenessMs,
      maxPastMs: stream.maxPastMs,
      maxFutureMs: stream.maxFutureMs,
      coordinates: coordinates.map(coordinateName),
    })),
    views: definitions.views.map(({ name, from, by, every, measures, fingerprint }) => ({
      name,
      from: from.topic,
      by,
      every,
      measures: measures.map((measure) => measure.name),
      fingerprint,
    })),
    models: definitions.models.map(({ name, partitioned, key, fingerprint }) => ({ name, partitioned, key, fingerprint })),
    outputs: definitions.outputs.map(({ stream, sink }) => ({ from: stream.topic, sink: sink.name })),
  };
}
