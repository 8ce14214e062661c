import type { JoinRequest, Telemetry, WorkerGroup } from "@millrace/core";
import { resumed } from "../tasks/resumed.js";
import type { Ownership } from "./ownership.js";

/** This process's share of a group: nothing before the group has decided, and what it was told last from then on. */
export class SharedOwnership implements Ownership {
  readonly #callbacks = new Set<() => void>();
  #owned: ReadonlySet<string> = new Set();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  owns(topic: string, partition: number): boolean {
    return this.#owned.has(name(topic, partition));
  }

  onChange(callback: () => void): () => void {
    const own = (): void => callback();
    this.#callbacks.add(own);
    return () => this.#callbacks.delete(own);
  }

  async known(signal: AbortSignal): Promise<void> {
    while (this.#version === 0) {
      let forget = (): unknown => undefined;
      await resumed((resume) => {
        forget = this.onChange(resume);
      }, signal).finally(() => forget());
    }
  }

  /** Is a member until aborted. Rejects with what keeps it from being one. */
  async follow(workers: WorkerGroup, request: JoinRequest, telemetry: Telemetry, signal: AbortSignal): Promise<void> {
    try {
      for await (const owned of workers.join(request, signal)) {
        this.#set(new Set(owned.map(({ topic, partition }) => name(topic, partition))));
        telemetry({ type: "PartitionsShared", group: request.group, owned: owned.map(({ topic, partition }) => `${topic}-${partition}`).sort() });
      }
    } finally {
      // Outside the group nothing is owned: a layer that is started again waits for its share.
      this.#owned = new Set();
      this.#version = 0;
    }
  }

  #set(owned: ReadonlySet<string>): void {
    this.#owned = owned;
    this.#version += 1;
    for (const callback of [...this.#callbacks]) callback();
  }
}

const name = (topic: string, partition: number): string => `${partition} ${topic}`;
