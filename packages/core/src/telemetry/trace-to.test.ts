import { SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { expect, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { traceTo } from "./trace-to.js";

const START_MS = Date.UTC(2026, 0, 5, 12);

it("makes spans of what took time, with OpenTelemetry's own tracer", () => {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
  const telemetry = traceTo(tracer, simulatedClock(START_MS));
  telemetry({ type: "WorkerStarted", topic: "plays", partition: 1, position: 0, reason: "started" });
  telemetry({ type: "Flushed", topic: "plays", partition: 1, until: 9, records: 9, events: 8, late: 0, deadLetters: 1, rows: 4, durationMs: 250 });
  telemetry({ type: "SinkBatchWritten", sink: "webhook", id: "plays/v1024-p1/0", rows: 3, durationMs: 30 });
  telemetry({ type: "RunFailed", error: new Error("the disk is full") });
  const spans = exporter.getFinishedSpans().map(({ name, startTime, duration, attributes, status, events }) => ({ name, startTime, durationMs: duration[0] * 1e3 + duration[1] / 1e6, attributes, status, events: events.map((event) => event.attributes?.["exception.message"]) }));
  const seconds = START_MS / 1_000;
  expect(spans).toEqual([
    {
      name: "millrace.flush",
      startTime: [seconds - 1, 750_000_000],
      durationMs: 250,
      attributes: { "millrace.topic": "plays", "millrace.partition": 1, "millrace.until": 9, "millrace.records": 9, "millrace.events": 8, "millrace.late": 0, "millrace.deadLetters": 1, "millrace.rows": 4 },
      status: { code: SpanStatusCode.UNSET },
      events: [],
    },
    { name: "millrace.sink.write", startTime: [seconds - 1, 970_000_000], durationMs: 30, attributes: { "millrace.sink": "webhook", "millrace.id": "plays/v1024-p1/0", "millrace.rows": 3 }, status: { code: SpanStatusCode.UNSET }, events: [] },
    { name: "millrace.batch.run", startTime: [seconds, 0], durationMs: 0, attributes: {}, status: { code: SpanStatusCode.ERROR, message: "the disk is full" }, events: ["the disk is full"] },
  ]);
});
