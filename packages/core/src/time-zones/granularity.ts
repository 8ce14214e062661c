import type { Every } from "../views/view-definition.js";

/** Lengths of an answer's windows. Day and longer depend on the reader's time zone; weeks are ISO weeks, from Monday. */
export type Granularity = Every | "day" | "week" | "month" | "year";

/** The granularities that windows of length `E` add up to. */
export type CoarserThan<E extends Every> = {
  second: Granularity;
  minute: Exclude<Granularity, "second">;
  hour: Exclude<Granularity, "second" | "minute">;
}[E];
