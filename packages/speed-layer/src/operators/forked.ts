import type { EventBatch } from "@millrace/core";

/**
 * Two outputs of one operator: what it is for, and what it could not use. Not an {@link EventBatch}, so that a pipeline
 * that forgets the second one does not compile: {@link forkTo} says where each of them goes.
 */
export interface Forked<Main, Side> {
  readonly main: EventBatch<Main>;
  readonly side: EventBatch<Side>;
}
