import type { Show } from "@millrace/core";

/** A row of a closed window: `[window, windowEnd)`, the view's dimensions and its measures as answers present them. */
export type WindowRow<Dims, Out> = Show<{ window: Date; windowEnd: Date } & Dims & Out>;
