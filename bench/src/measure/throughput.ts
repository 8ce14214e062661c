import { median } from "./quantile.js";
import type { Taken } from "./measure-run.js";

/** Medians of the rounds after the first, which is cold. */
export interface Throughput {
  readonly cpuSecondsPerMillion: number;
  readonly eventsPerSecond: number;
  readonly peakMb: number;
}

export function throughputOf(rounds: readonly Taken[], events: number, peakMb: number): Throughput {
  const warm = rounds.length > 1 ? rounds.slice(1) : rounds;
  return {
    cpuSecondsPerMillion: (median(warm.map(({ cpuMs }) => cpuMs)) * 1_000) / events,
    eventsPerSecond: (events * 1_000) / median(warm.map(({ wallMs }) => wallMs)),
    peakMb,
  };
}

export function throughputLine(name: string, { cpuSecondsPerMillion, eventsPerSecond, peakMb }: Throughput): string {
  return `  ${name.padEnd(34)} ${cpuSecondsPerMillion.toFixed(3)} CPU-s per million, ${Math.round(eventsPerSecond).toLocaleString("en")} events/s, peak ${Math.round(peakMb)} MB`;
}
