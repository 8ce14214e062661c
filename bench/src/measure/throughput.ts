import { median } from "./quantile.js";
import type { Taken } from "./measure-run.js";
import type { Memory } from "./watch-memory.js";

/** Medians of the rounds after the first, which is cold. */
export interface Throughput extends Memory {
  readonly cpuSecondsPerMillion: number;
  readonly eventsPerSecond: number;
}

export function throughputOf(rounds: readonly Taken[], events: number, { peakMb, ownPeakMb }: Memory): Throughput {
  const warm = rounds.length > 1 ? rounds.slice(1) : rounds;
  return {
    cpuSecondsPerMillion: (median(warm.map(({ cpuMs }) => cpuMs)) * 1_000) / events,
    eventsPerSecond: (events * 1_000) / median(warm.map(({ wallMs }) => wallMs)),
    peakMb,
    ownPeakMb,
  };
}

export function throughputLine(name: string, { cpuSecondsPerMillion, eventsPerSecond, peakMb, ownPeakMb }: Throughput): string {
  return `  ${name.padEnd(34)} ${cpuSecondsPerMillion.toFixed(3)} CPU-s per million, ${Math.round(eventsPerSecond).toLocaleString("en")} events/s, peak ${Math.round(ownPeakMb)} MB (${Math.round(peakMb)} with mapped files)`;
}
