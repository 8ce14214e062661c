/** The four topics of the music site, under their names on the log. */
export type Topic = "listen_events" | "auth_events" | "page_view_events" | "status_change_events";

export const TOPICS: readonly Topic[] = ["listen_events", "page_view_events", "auth_events", "status_change_events"];

/** One record, ready to be appended to its topic. */
export interface SimulatedEvent {
  readonly topic: Topic;
  /** Event time, epoch ms: the same number as `ts` in `value`. Without traps never less than that of the event before. */
  readonly ts: number;
  /** When it reaches the log, epoch ms, never less than that of the event before. The same as `ts` where no trap is on. */
  readonly sentMs: number;
  /** Meant as partition key, so that a user's records stay in order: it is here even when the record hides it. */
  readonly userId: number;
  /** One flat JSON object without line end. What does not apply is an absent field, never null. */
  readonly value: string;
}
