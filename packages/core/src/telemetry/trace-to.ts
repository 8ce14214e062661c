import { systemClock } from "../clock/system-clock.js";
import type { Clock } from "../ports/clock.js";
import type { Telemetry } from "./telemetry-event.js";

/** What is needed of a span. */
export interface EndableSpan {
  /** Epoch ms. */
  end(endTime: number): void;
  /** `time` is epoch ms. */
  recordException(error: Error, time: number): void;
  /** `code: 2` is an error. */
  setStatus(status: { readonly code: 2; readonly message: string }): unknown;
}

/** What is needed of a tracer: that of `@opentelemetry/api` is one. */
export interface SpanTracer {
  /** `startTime` is epoch ms. */
  startSpan(name: string, options: { readonly startTime: number; readonly attributes: Readonly<Record<string, string | number>> }): EndableSpan;
}

/**
 * A subscriber that makes a span of everything that took time: `millrace.flush`, `millrace.sink.write`,
 * `millrace.ingest.segment` and `millrace.batch.run`. A run that failed is a span without length, with its error. Fields of
 * the event are attributes, `millrace.topic` for example.
 *
 * @example
 * import { trace } from "@opentelemetry/api";
 * createLambda({ views: [songChart], platform: embedded("./data"), telemetry: traceTo(trace.getTracer("plays")) });
 */
export function traceTo(tracer: SpanTracer, clock: Clock = systemClock()): Telemetry {
  const span = (name: string, durationMs: number, fields: Readonly<Record<string, unknown>>): { readonly span: EndableSpan; readonly at: number } => {
    const at = clock.now();
    const attributes: Record<string, string | number> = {};
    for (const [field, value] of Object.entries(fields)) if (typeof value === "string" || typeof value === "number") attributes[`millrace.${field}`] = value;
    return { span: tracer.startSpan(name, { startTime: at - durationMs, attributes }), at };
  };
  const ended = (name: string, { type: _, durationMs, ...fields }: { readonly type: string; readonly durationMs: number }): void => {
    const made = span(name, durationMs, fields);
    made.span.end(made.at);
  };
  return (event) => {
    switch (event.type) {
      case "Flushed":
        return ended("millrace.flush", event);
      case "SinkBatchWritten":
        return ended("millrace.sink.write", event);
      case "ManifestCommitted":
        return ended("millrace.ingest.segment", event);
      case "GenerationPublished":
        return ended("millrace.batch.run", event);
      case "RunFailed": {
        const error = event.error instanceof Error ? event.error : new Error(String(event.error));
        const { span: failed, at } = span("millrace.batch.run", 0, {});
        failed.recordException(error, at);
        failed.setStatus({ code: 2, message: error.message });
        return failed.end(at);
      }
      default:
        return;
    }
  };
}
