import type { Sent } from "./run-simulate.js";

const LINE_EVERY_MS = 5_000;
const REWRITE_EVERY_MS = 500;

/** Epoch ms as `2025-01-06 13:00`. */
const minuteOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
const grouped = (count: number): string => count.toLocaleString("en-US");

export interface ProgressOptions {
  readonly startMs: number;
  /** Infinity: without end. */
  readonly untilMs: number;
  /** Whether the line can be written over. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  /** A clock for durations, in ms. */
  readonly elapsedMs: () => number;
}

/** Says now and then how far a simulation has come: on a terminal on one line, elsewhere on a line every five seconds. */
export class Progress {
  readonly #options: ProgressOptions;
  #saidAtMs: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#saidAtMs = options.elapsedMs();
  }

  report(sent: Sent): void {
    const { isTerminal, write, elapsedMs } = this.#options;
    const now = elapsedMs();
    if (now - this.#saidAtMs < (isTerminal ? REWRITE_EVERY_MS : LINE_EVERY_MS)) return;
    this.#saidAtMs = now;
    write(isTerminal ? `\r\u001b[K${this.#line(sent, now)}` : `${this.#line(sent, now)}\n`);
  }

  /** The last words. */
  finish(sent: Sent & { readonly stopped: boolean }, where: string): void {
    const { isTerminal, write, elapsedMs } = this.#options;
    const seconds = elapsedMs() / 1_000;
    const topics = Object.entries(sent.byTopic).map(([topic, count]) => `  ${topic.padEnd(21)}${grouped(count).padStart(14)}\n`);
    write(`${isTerminal ? "\r\u001b[K" : ""}${sent.stopped ? "stopped at" : "simulated to"} ${minuteOf(sent.atMs)}: ${grouped(sent.total)} records in ${seconds.toFixed(1)} s, in ${where}\n${topics.join("")}`);
  }

  #line(sent: Sent, nowMs: number): string {
    const { startMs, untilMs } = this.#options;
    const share = untilMs === Infinity ? "" : ` (${Math.min(100, Math.floor((100 * (sent.atMs - startMs)) / (untilMs - startMs)))} %)`;
    return `simulated to ${minuteOf(sent.atMs)}${share}: ${grouped(sent.total)} records, ${grouped(Math.round((sent.total * 1_000) / nowMs))}/s`;
  }
}
