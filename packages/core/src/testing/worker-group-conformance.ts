import assert from "node:assert/strict";
import type { TopicPartition, WorkerGroup } from "../ports/worker-group.js";
import { declareLaws, needed } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** A worker group that is to prove itself, over a topic of its own. */
export interface WorkerGroupSubject extends Subject {
  readonly workers: WorkerGroup;
  /** Another client of the same servers: another object, better another process. */
  readonly another: () => Promise<WorkerGroup>;
  /** A topic with `partitions` partitions, at least 3. */
  readonly topic: string;
  readonly partitions: number;
  /** Adds partitions up to `partitions`. */
  readonly addPartitions: (partitions: number) => Promise<void>;
  /** Has a member join the group for the topic, resolves once it owns something, then dies without leaving. */
  readonly dieJoined?: (group: string) => Promise<void>;
}

/** One member, and what it was told last. */
class Member {
  owned: readonly TopicPartition[] | undefined;
  /** How its iteration ended. */
  readonly ended: Promise<"ended" | { readonly error: unknown }>;
  readonly #abort = new AbortController();

  constructor(workers: WorkerGroup, group: string, topic: string, told: () => void) {
    this.ended = (async () => {
      for await (const owned of workers.join({ group, topics: [topic] }, this.#abort.signal)) {
        this.owned = owned;
        told();
      }
      return "ended" as const;
    })().catch((error: unknown) => ({ error }));
  }

  async leave(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }
}

/** The members of one law. What is awaited comes with the next news, or the runner's time is up. */
class Members {
  readonly #subject: WorkerGroupSubject;
  readonly #all: Member[] = [];
  #told: () => void = () => {};

  constructor(subject: WorkerGroupSubject) {
    this.#subject = subject;
  }

  join(workers: WorkerGroup, group: string): Member {
    const member = new Member(workers, group, this.#subject.topic, () => this.#told());
    this.#all.push(member);
    return member;
  }

  /** Resolves once these members own each of `partitions` partitions once, and all of them own something if they can. */
  async share(members: readonly Member[], partitions: number): Promise<void> {
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    await this.#once(members, () => {
      if (members.some(({ owned }) => owned === undefined)) return false;
      const owned = members.flatMap((member) => member.owned!).map(({ partition }) => partition);
      const idle = members.filter((member) => member.owned!.length === 0).length;
      return owned.sort((a, b) => a - b).join() === all.join() && idle === Math.max(0, members.length - partitions);
    });
    for (const { owned } of members) for (const { topic } of owned!) assert.equal(topic, this.#subject.topic, "what a member owns is of the topic it named");
  }

  async #once(members: readonly Member[], isSo: () => boolean): Promise<void> {
    for (;;) {
      if (isSo()) return;
      const news = new Promise<void>((resolve) => {
        this.#told = resolve;
      });
      const end = await Promise.race([news, ...members.map(({ ended }) => ended)]);
      if (end === "ended") assert.fail("the iteration of a member ended by itself");
      if (end !== undefined) throw end.error;
    }
  }

  async leave(): Promise<void> {
    await Promise.all(this.#all.map((member) => member.leave()));
  }
}

const law = (id: string, says: string, prove: (subject: WorkerGroupSubject, members: Members) => Promise<void>): Law<WorkerGroupSubject> => ({
  id,
  says,
  async prove(subject) {
    const members = new Members(subject);
    try {
      await prove(subject, members);
    } finally {
      await members.leave();
    }
  },
});

const laws: readonly Law<WorkerGroupSubject>[] = [
  law("alone", "a member that is alone owns every partition", async ({ workers, partitions }, members) => {
    await members.share([members.join(workers, "alone")], partitions);
  }),
  law("shared", "members of one group own each partition once, and all of them something", async ({ workers, another, partitions }, members) => {
    const first = members.join(workers, "shared");
    await members.share([first], partitions);
    await members.share([first, members.join(await another(), "shared")], partitions);
  }),
  law("left", "what a member that left owned goes to those who stay", async ({ workers, another, partitions }, members) => {
    const [first, second] = [members.join(workers, "left"), members.join(await another(), "left")];
    await members.share([first, second], partitions);
    await first.leave();
    await members.share([second], partitions);
  }),
  law("groups-apart", "another group has all partitions of its own", async ({ workers, another, partitions }, members) => {
    const [first, second] = [members.join(workers, "one"), members.join(await another(), "other")];
    await members.share([first], partitions);
    await members.share([second], partitions);
  }),
  law("idle", "a member for whom no partition is left is told so", async ({ another, partitions }, members) => {
    const all: Member[] = [];
    while (all.length <= partitions) all.push(members.join(await another(), "idle"));
    await members.share(all, partitions);
  }),
  law("added", "partitions that are added get an owner", async ({ workers, another, partitions, addPartitions }, members) => {
    const both = [members.join(workers, "added"), members.join(await another(), "added")];
    await members.share(both, partitions);
    await addPartitions(partitions + 2);
    await members.share(both, partitions + 2);
  }),
  law("closed", "closing leaves the group and ends the iterations, however often", async ({ workers, another, partitions }, members) => {
    const other = await another();
    const [first, second] = [members.join(workers, "closed"), members.join(other, "closed")];
    await members.share([first, second], partitions);
    await other.close();
    await other.close();
    assert.equal(await second.ended, "ended", "an iteration that the group's closing ends, ends without an error");
    await members.share([first], partitions);
  }),
  law("frees-the-dead", "what a member that died owned goes to those who live", async (subject, members) => {
    await needed(subject.dieJoined, "dieJoined")("dead");
    await members.share([members.join(subject.workers, "dead")], subject.partitions);
  }),
];

/** The laws of a worker group, as tests of the runner whose `it` is given. */
export function workerGroupConformance(it: It, create: () => Promise<WorkerGroupSubject>, waivers: Waivers = {}): void {
  declareLaws("worker group", it, laws, create, waivers);
}
