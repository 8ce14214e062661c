import { onAbort } from "../delivery/on-abort.js";
import type { EventLog } from "../ports/event-log.js";
import type { JoinRequest, TopicPartition, WorkerGroup } from "../ports/worker-group.js";

interface Member {
  readonly topics: readonly string[];
  owned: readonly TopicPartition[];
  /** Its share differs from what it was told last. */
  isNews: boolean;
  wake: () => void;
}

/** A worker group in memory: for layers that share one process. Partitions go to the members in turn. */
export interface MemoryWorkerGroup extends WorkerGroup {
  /** Shares again, with the partitions that the topics have now. */
  refresh(): Promise<void>;
  /** A client of the same groups, as another process would have: closing it ends its own members only. */
  another(): MemoryWorkerGroup;
}

/**
 * Shares the partitions of `log` among those who join.
 *
 * @example
 * const workers = memoryWorkerGroup(log);
 * for await (const owned of workers.join({ group: "speed", topics: ["plays"] }, signal)) console.log(owned);
 */
export function memoryWorkerGroup(log: EventLog): MemoryWorkerGroup {
  return client(log, new Map());
}

const never = new AbortController().signal;

async function share(log: EventLog, members: ReadonlySet<Member>): Promise<void> {
  const topics = [...new Set([...members].flatMap((member) => member.topics))].sort();
  const described = await Promise.all(topics.map((topic) => log.describe(topic, never)));
  // The members of now: whoever joined or left meanwhile is counted in.
  const owned = new Map([...members].map((member) => [member, [] as TopicPartition[]]));
  let turn = 0;
  for (const { topic, partitions } of described) {
    const sharing = [...members].filter((member) => member.topics.includes(topic));
    for (const { partition } of partitions) if (sharing.length > 0) owned.get(sharing[turn++ % sharing.length]!)!.push({ topic, partition });
  }
  for (const [member, share] of owned) {
    member.owned = share;
    member.isNews = true;
    member.wake();
  }
}

function client(log: EventLog, groups: Map<string, Set<Member>>): MemoryWorkerGroup {
  const closed = new AbortController();
  return {
    name: "memory",
    async *join({ group, topics }: JoinRequest, signal: AbortSignal) {
      const members = groups.get(group) ?? new Set<Member>();
      groups.set(group, members);
      const member: Member = { topics, owned: [], isNews: false, wake: () => undefined };
      members.add(member);
      try {
        await share(log, members);
        for (;;) {
          signal.throwIfAborted();
          if (closed.signal.aborted) return;
          if (member.isNews) {
            member.isNews = false;
            yield member.owned;
            continue;
          }
          await new Promise<void>((resolve) => {
            const go = (): void => {
              for (const forget of waiting) forget();
              resolve();
            };
            const waiting = [onAbort(signal, go), onAbort(closed.signal, go)];
            member.wake = go;
          });
        }
      } finally {
        members.delete(member);
        await share(log, members);
      }
    },
    async refresh() {
      await Promise.all([...groups.values()].map((members) => share(log, members)));
    },
    another: () => client(log, groups),
    close() {
      closed.abort();
      return Promise.resolve();
    },
  };
}
