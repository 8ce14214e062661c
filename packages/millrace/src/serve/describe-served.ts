import type { Platform } from "@millrace/core";
import { describeView, typeOf, type LambdaDescription } from "@millrace/serving-layer";
import type { Lambda } from "../lambda/lambda.js";
import { maskSecrets } from "./mask-secrets.js";

/** What `GET /api/lambda` tells. Ports and sinks show their names only, and those without credentials. */
export function describeServed({ views, models, outputs, plans, dashboard }: Lambda<never>["definitions"], { log, store, files, engine }: Platform): LambdaDescription {
  return {
    views: views.map(describeView),
    streams: plans.map(({ stream: { topic, eventTime, latenessMs, columns } }) => ({
      topic,
      eventTime,
      latenessMs,
      columns: Object.entries(columns).map(([name, column]) => ({ name, type: typeOf(column), nullable: column.optional })),
    })),
    models: models.map(({ name, partitioned, key, fingerprint }) => ({ name, partitioned, key, fingerprint })),
    outputs: outputs.map(({ stream, sink }) => ({ from: stream.topic, sink: maskSecrets(sink.name) })),
    ...(dashboard === undefined ? {} : { dashboard }),
    platform: Object.fromEntries(Object.entries({ log, store, files, engine }).map(([port, { name }]) => [port, maskSecrets(name)])),
  };
}
