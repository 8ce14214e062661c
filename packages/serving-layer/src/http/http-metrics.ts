import type { Telemetry } from "@millrace/core";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { AnswerText } from "./answer-cache.js";

/** Everything that `GET /metrics` tells, in the text format of Prometheus. */
export interface HttpMetrics {
  readonly registry: Registry;
  readonly requestServed: (route: string, method: string, status: number, seconds: number) => void;
  /** Starts the time of a query; what it returns ends it. */
  readonly timeQuery: (view: string) => (from: AnswerText["from"]) => void;
  readonly refused: (code: string) => void;
  readonly watches: (open: number) => void;
  /** Counts what the layers of this process say. */
  readonly telemetry: Telemetry;
}

/** From a cached answer to a long scan. */
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Labels hold names of the configuration, never what a request says: their number is bounded. */
export function createHttpMetrics(): HttpMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({ name: "millrace_http_request_duration_seconds", help: "Requests by route, without watches", labelNames: ["route", "method", "status"], buckets: SECONDS, registers });
  const queries = new Histogram({ name: "millrace_query_duration_seconds", help: "Queries by view, and whether the answer was kept, shared or executed", labelNames: ["view", "from"], buckets: SECONDS, registers });
  const refusals = new Counter({ name: "millrace_http_refusals_total", help: "Refused requests by the code of the error", labelNames: ["code"], registers });
  const open = new Gauge({ name: "millrace_http_watches", help: "Open watches", registers });
  const counter = (name: string, help: string, labelNames: string[] = []) => new Counter({ name, help, labelNames, registers });
  const speed = {
    records: counter("millrace_speed_records_total", "Records made durable by the speed layer", ["topic"]),
    events: counter("millrace_speed_events_total", "Events among them", ["topic"]),
    late: counter("millrace_speed_late_events_total", "Late events among them", ["topic"]),
    deadLetters: counter("millrace_speed_dead_letters_total", "Dead letters among them", ["topic"]),
    rows: counter("millrace_speed_rows_written_total", "Rows written", ["topic"]),
    flush: new Histogram({ name: "millrace_speed_flush_duration_seconds", help: "Flushes", labelNames: ["topic"], buckets: SECONDS, registers }),
    sealed: counter("millrace_speed_segments_sealed_total", "Segments sealed", ["topic"]),
    owned: new Gauge({ name: "millrace_speed_partitions_owned", help: "Partitions that this process works on, of those that a group shares", labelNames: ["group"], registers }),
    gaps: counter("millrace_speed_gaps_total", "Gaps: records that a worker cannot write", ["topic"]),
  };
  const sinks = { rows: counter("millrace_sink_rows_total", "Rows delivered to a sink", ["sink"]) };
  const ingest = {
    records: counter("millrace_ingest_records_total", "Records committed to the master dataset", ["topic"]),
    segments: counter("millrace_ingest_segments_total", "Segments committed to the master dataset", ["topic"]),
    bytes: counter("millrace_ingest_bytes_total", "Bytes of master files", ["topic"]),
  };
  const batch = {
    generation: new Gauge({ name: "millrace_batch_generation", help: "Number of the generation last published by this process", registers }),
    published: counter("millrace_batch_generations_total", "Generations published by this process", ["kind"]),
    failed: counter("millrace_batch_runs_failed_total", "Runs that failed"),
    run: new Histogram({ name: "millrace_batch_run_duration_seconds", help: "Runs that published", buckets: [1, 2.5, 5, 10, 30, 60, 300, 900, 3_600], registers }),
  };
  const retries = counter("millrace_retries_total", "Calls that are repeated after an error", ["operation"]);
  const warnings = counter("millrace_warnings_total", "Warnings", ["code"]);
  return {
    registry,
    requestServed: (route, method, status, seconds) => requests.observe({ route, method, status: String(status) }, seconds),
    timeQuery: (view) => {
      const stop = queries.startTimer({ view });
      return (from) => void stop({ from });
    },
    refused: (code) => refusals.inc({ code }),
    watches: (count) => open.set(count),
    telemetry: (event) => {
      switch (event.type) {
        case "Flushed":
          speed.records.inc({ topic: event.topic }, event.records);
          speed.events.inc({ topic: event.topic }, event.events);
          speed.late.inc({ topic: event.topic }, event.late);
          speed.deadLetters.inc({ topic: event.topic }, event.deadLetters);
          speed.rows.inc({ topic: event.topic }, event.rows);
          speed.flush.observe({ topic: event.topic }, event.durationMs / 1_000);
          return;
        case "SegmentSealed":
          return speed.sealed.inc({ topic: event.topic });
        case "WorkerGap":
          return speed.gaps.inc({ topic: event.topic });
        case "SinkBatchWritten":
          return sinks.rows.inc({ sink: event.sink }, event.rows);
        case "ManifestCommitted":
          ingest.records.inc({ topic: event.topic }, event.records);
          ingest.segments.inc({ topic: event.topic });
          return ingest.bytes.inc({ topic: event.topic }, event.bytes);
        case "GenerationPublished":
          batch.generation.set(event.number);
          batch.published.inc({ kind: event.kind });
          return batch.run.observe(event.durationMs / 1_000);
        case "RunFailed":
          return batch.failed.inc();
        case "RetryScheduled":
          return retries.inc({ operation: event.operation });
        case "Warning":
          return warnings.inc({ code: event.code });
        case "PartitionsShared":
          return speed.owned.set({ group: event.group }, event.owned.length);
        case "WorkerStarted":
        case "RunStarted":
        case "RunStep":
        case "DeadLettersFound":
          return;
      }
    },
  };
}
