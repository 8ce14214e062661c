import type { ServerNode } from "./server-node.js";

/** One process of a server that can be hurt. */
export interface NodeHandle {
  /** As `status` of the command names it. */
  readonly name: string;
  readonly running: boolean;
  readonly pid: number | undefined;
  /** `kill -9`; resolves once it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator does; resolves once it is gone. */
  stop(): Promise<void>;
  /** Starts it again on its data and ports; resolves when it answers. */
  start(signal?: AbortSignal): Promise<void>;
  /** It stands still (SIGSTOP): connections stay open, nothing answers. */
  pause(): void;
  /** It goes on (SIGCONT). */
  resume(): void;
}

/** The handle of a node. `partners`: where all of these run as well, a start waits until all work together. */
export const nodeHandle = (node: ServerNode, partners: readonly ServerNode[] = []): NodeHandle => ({
  name: node.name,
  get running() {
    return node.running;
  },
  get pid() {
    return node.process?.record.pid;
  },
  kill: () => node.kill(),
  stop: () => node.stop(),
  async start(signal) {
    await node.start(signal);
    if (partners.length > 0 && partners.every(({ running }) => running)) await node.ready(true, signal);
  },
  pause: () => node.pause(),
  resume: () => node.resume(),
});
