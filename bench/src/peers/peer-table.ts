import type { PacedFigures } from "./measure-paced.js";
import type { Peer } from "./peer.js";
import type { PeerFigures } from "./measure-peer.js";

/** One line of the table a peer. */
export function peerTable(measured: readonly { readonly peer: Peer; readonly figures: PeerFigures }[]): string[] {
  const number = (value: number, digits = 2) => value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return table(
    ["peer", "CPU-s per million", "servers", "cold", "events/s", "peak MB", "events", "durable", "results"],
    measured.map(({ peer, figures }) => [
      peer.name,
      number(figures.cpuSecondsPerMillion),
      number(figures.serversCpuSecondsPerMillion),
      number(figures.coldCpuSecondsPerMillion),
      number(figures.eventsPerSecond, 0),
      number(figures.peakMb, 0),
      number(figures.events, 0),
      peer.durable,
      figures.results,
    ]),
  );
}

/** What one process took, as soon as it is known. */
export function peerLine(pass: number, { name }: Peer, { cpuSecondsPerMillion, coldCpuSecondsPerMillion, serversCpuSecondsPerMillion, eventsPerSecond, peakMb, results }: PeerFigures, load: number): string {
  return `  ${pass + 1}. ${name}: ${cpuSecondsPerMillion.toFixed(2)} CPU-s per million (cold ${coldCpuSecondsPerMillion.toFixed(2)}, servers ${serversCpuSecondsPerMillion.toFixed(2)}), ${Math.round(eventsPerSecond).toLocaleString("en")} events/s, ${Math.round(peakMb)} MB, results ${results}; load ${load.toFixed(1)} before`;
}

/** Latencies of an even pace. */
export interface PacedLine extends Pick<PacedFigures, "visible" | "confirmed" | "cpuShare" | "what"> {
  readonly name: string;
  readonly serversCpuShare?: number;
}

/** A line each. */
export function pacedTable(measured: readonly PacedLine[]): string[] {
  const ms = (value: number) => value.toFixed(0);
  return table(
    ["peer", "p50 ms", "p99 ms", "max ms", "in Kafka p50", "p99", "CPU-s a second", "servers", "until"],
    measured.map(({ name, visible, confirmed, cpuShare, serversCpuShare, what }) => [
      name,
      ms(visible.p50Ms),
      ms(visible.p99Ms),
      ms(visible.maxMs),
      ms(confirmed.p50Ms),
      ms(confirmed.p99Ms),
      cpuShare.toFixed(2),
      serversCpuShare === undefined ? "" : serversCpuShare.toFixed(2),
      what,
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  return [head, ...rows].map((row) => `  ${row.map((cell, column) => (/^[\d.,]+$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join("  ")}`.trimEnd());
}
