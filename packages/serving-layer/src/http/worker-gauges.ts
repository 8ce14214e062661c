import { Gauge, type Registry } from "prom-client";

/** Where the speed layer of the serving process stands in one partition. */
export interface WorkerState {
  readonly topic: string;
  readonly partition: number;
  /** Offset after the last record that is durable in every view. */
  readonly durableUntil: number;
  /** The partition's end as of the last read. */
  readonly end: number;
  /** Records read and not durable: credits in use. */
  readonly inFlight: number;
  /** Largest event time that is durable, epoch ms. */
  readonly maxEventTime: number | null;
  readonly inGap: boolean;
}

/** Gauges that are read when they are asked for, so that nothing is counted between. A partition that moved away has none. */
export function addWorkerGauges(registry: Registry, states: () => readonly WorkerState[]): void {
  const gauge = (name: string, help: string, of: (state: WorkerState) => number | null): void => {
    const labelNames = ["topic", "partition"];
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const state of states()) {
          const value = of(state);
          if (value !== null) this.set({ topic: state.topic, partition: state.partition }, value);
        }
      },
    });
  };
  gauge("millrace_speed_lag_records", "Offsets between what is durable and the partition's end, gaps in offsets counted", ({ end, durableUntil }) => Math.max(0, end - durableUntil));
  gauge("millrace_speed_durable_offset", "Offset after the last record that is durable in every view", ({ durableUntil }) => durableUntil);
  gauge("millrace_speed_in_flight_records", "Records read and not durable: credits in use", ({ inFlight }) => inFlight);
  gauge("millrace_speed_max_event_time_seconds", "Largest event time that is durable, seconds since 1970", ({ maxEventTime }) => maxEventTime === null ? null : maxEventTime / 1_000);
  gauge("millrace_speed_in_gap", "1 while a partition waits for the batch layer to pass records that are gone", ({ inGap }) => (inGap ? 1 : 0));
}
