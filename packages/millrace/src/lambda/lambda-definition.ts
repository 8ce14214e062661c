import type { AnyQuestion, AnyView, Grid, Model, Output, Platform, Stream, Columns, Telemetry } from "@millrace/core";
import type { Dashboard } from "@millrace/serving-layer";

/** Everything a Lambda is made of. All fields but `views` and `platform` have defaults. */
export interface LambdaDefinition<Vs extends AnyView> {
  readonly views: readonly Vs[];
  readonly models?: readonly Model<string, Columns>[];
  /** What can be asked by name, over these views and models: see `defineQuestion`. */
  readonly questions?: readonly AnyQuestion[];
  /** Rows that leave Millrace: `deliver(plays, webhookSink(url))`. */
  readonly outputs?: readonly Output[];
  /** Streams to keep in the master dataset although no view, model or output reads them. */
  readonly streams?: readonly Stream<Columns>[];
  /** A plain object of ports: `embedded(dir)`, or one of your own. */
  readonly platform: Platform;
  /** Segments of the log. Default: 200,000 offsets, 15 minutes. Written once per partition; a different grid later is refused. */
  readonly grid?: Partial<Grid>;
  /** How long after its time has passed a quiet segment may be closed. More than clock skew, replica lag and transaction time-out together. Default 60,000. */
  readonly sealGuardMs?: number;
  /** How long the speed layer's rows live. Default 7 days. */
  readonly speedRetentionMs?: number;
  /** How long `dev` waits, in real time, from one batch run to the next. Default: the grid's segment time, or 15 minutes. */
  readonly batchEveryMs?: number;
  /** Whether master files keep each record's original bytes. Default true. */
  readonly keepRaw?: boolean;
  /** No flush starts sooner than this after the one before. Default 20. */
  readonly flushMinMs?: number;
  /** Records read ahead of what is durable, per partition. Default: the speed layer's. */
  readonly maxInFlight?: number;
  readonly telemetry?: Telemetry;
  /** What the live page shows by default: see `defineDashboard`. Without it the page shows every view. */
  readonly dashboard?: Dashboard;
}
