import { readFileSync } from "node:fs";
import { peakMb } from "./measure-run.js";

export interface Memory {
  /** Peak of the resident set, MB: with the pages of mapped files, which the system takes back when it needs them. */
  readonly peakMb: number;
  /** Largest sample without those pages, MB; the peak where the system does not tell them apart. */
  readonly ownPeakMb: number;
}

const SAMPLE_MS = 20;

/** Samples this process's memory until the returned function is called. */
export function watchMemory(): () => Memory {
  let own = ownMb();
  const timer = setInterval(() => (own = Math.max(own, ownMb())), SAMPLE_MS);
  return () => {
    clearInterval(timer);
    const peak = peakMb();
    return { peakMb: peak, ownPeakMb: Number.isFinite(own) ? Math.max(own, ownMb()) : peak };
  };
}

/** Anonymous pages, MB; NaN but on Linux. */
function ownMb(): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1_024;
  } catch {
    return NaN;
  }
}
