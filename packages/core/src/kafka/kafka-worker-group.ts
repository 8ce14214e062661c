import type * as Kafkajs from "kafkajs";
import type { Consumer, Kafka, KafkaConfig, PartitionAssigner } from "kafkajs";
import { orAborted } from "../delivery/or-aborted.js";
import { ClosedError } from "../errors/closed-error.js";
import { onAbort } from "../delivery/on-abort.js";
import type { JoinRequest, TopicPartition, WorkerGroup } from "../ports/worker-group.js";
import { silent, type Telemetry } from "../telemetry/telemetry-event.js";
import { loadKafkajs, openKafka } from "./load-kafkajs.js";
import { pause } from "./patiently.js";
import { stickyAssignment } from "./sticky-assignment.js";

/** What `kafkaWorkerGroup` takes. */
export interface KafkaWorkerGroupOptions {
  /** `host:port` of some brokers. */
  readonly brokers?: readonly string[] | undefined;
  /** Instead of `brokers`: a `Kafka` object of kafkajs, or its settings, passed on whole. */
  readonly client?: Kafka | KafkaConfig | undefined;
  /** Default "kafka". */
  readonly name?: string;
  /** A member that is silent for so long is dead to the others, ms. Default 10,000; brokers take 6,000 to 1,800,000 unless told otherwise. */
  readonly sessionTimeoutMs?: number;
  /** Before the names of groups. Default: none. */
  readonly groupPrefix?: string;
  /** Told when the group's coordinator is lost, and found again. Default: nobody. */
  readonly telemetry?: Telemetry;
}

/** How long the consumer sleeps between looks at its heartbeat: leaving waits for it. */
const IDLE_MS = 200;
/** A change of the group is heard with a heartbeat. */
const HEARTBEAT_MS = 1_000;
/** Partitions that are added are seen by then. */
const METADATA_MS = 10_000;
/** Between a consumer that gave up and the next. */
const AGAIN_MS = 1_000;
/** For settings that a group outlives the death of its coordinator with. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 40 };

/**
 * Shares partitions by a consumer group of Kafka that fetches nothing: the group decides who owns what, and the log is read
 * apart from it. A partition that moves is therefore read by both for a moment rather than by none. Partitions stay where
 * they are as far as is fair.
 *
 * @throws {MissingDriverError} at the first join, when kafkajs is not installed.
 *
 * @example
 * const workers = kafkaWorkerGroup({ brokers: ["kafka-1:9092", "kafka-2:9092"] });
 */
export function kafkaWorkerGroup(options: KafkaWorkerGroupOptions): WorkerGroup {
  const { name = "kafka", sessionTimeoutMs = 10_000, groupPrefix = "", telemetry = silent } = options;
  const closing = new AbortController();
  const leaving = new Set<Promise<void>>();
  let opening: Promise<{ readonly library: typeof Kafkajs; readonly kafka: Kafka }> | undefined;
  const open = () =>
    (opening ??= (async () => {
      const library = await loadKafkajs("kafkaWorkerGroup");
      return { library, kafka: openKafka(library, options.client ?? { brokers: [...(options.brokers ?? [])] }) };
    })());

  return {
    name,
    async *join({ group, topics }: JoinRequest, signal: AbortSignal) {
      if (closing.signal.aborted) throw new ClosedError(name, `joining group "${group}"`);
      const { library, kafka } = await open();
      const share = new Share();
      const ended = AbortSignal.any([signal, closing.signal]);
      const member = membership({ library, kafka, group: `${groupPrefix}${group}`, topics, sessionTimeoutMs, telemetry, share }, ended);
      leaving.add(member);
      void member.finally(() => leaving.delete(member));
      try {
        for (;;) {
          const owned = await Promise.race([share.next(ended), member.then(() => undefined)]);
          if (owned === undefined) break;
          yield owned;
        }
        signal.throwIfAborted();
      } finally {
        share.end();
        await member;
      }
    },
    async close() {
      closing.abort();
      await Promise.all(leaving);
    },
  };
}

/** What a member owns: the newest share is what counts, and nobody needs those before. */
class Share {
  readonly #ended = new AbortController();
  #owned: readonly TopicPartition[] = [];
  #isNews = false;
  #wake: () => void = () => {};

  /** What the group gave last, also for the group's own question what is owned now. */
  get owned(): readonly TopicPartition[] {
    return this.#owned;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  give(owned: readonly TopicPartition[]): void {
    this.#owned = owned;
    this.#isNews = true;
    this.#wake();
  }

  end(): void {
    this.#ended.abort();
  }

  /** The newest share that was not told yet; undefined once aborted. */
  async next(signal: AbortSignal): Promise<readonly TopicPartition[] | undefined> {
    while (!this.#isNews) {
      if (signal.aborted) return undefined;
      await new Promise<void>((resolve) => {
        const forget = onAbort(signal, resolve);
        this.#wake = () => {
          forget();
          resolve();
        };
      });
    }
    this.#isNews = false;
    return this.#owned;
  }
}

interface Membership {
  readonly library: typeof Kafkajs;
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly telemetry: Telemetry;
  readonly share: Share;
}

/** Is a member until `signal` aborts or the share is no longer wanted, through however many consumers. Then it has left. */
async function membership(own: Membership, signal: AbortSignal): Promise<void> {
  const stop = AbortSignal.any([signal, own.share.ended]);
  while (!stop.aborted) {
    const failure = await consume(own, stop);
    if (failure === undefined) return;
    own.telemetry({ type: "Warning", code: "WORKER_GROUP", message: `group "${own.group}": ${failure.message}; what is owned stays so meanwhile` });
    await pause(AGAIN_MS, stop).catch(() => undefined);
  }
}

/** One consumer's life: undefined when it was asked to stop, else what it could not overcome. */
async function consume({ library, kafka, group, topics, sessionTimeoutMs, share }: Membership, stop: AbortSignal): Promise<Error | undefined> {
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 3)),
    // Members answer a rebalance with a heartbeat; whoever does not is out of it by then.
    rebalanceTimeout: sessionTimeoutMs,
    maxWaitTimeInMs: IDLE_MS,
    metadataMaxAge: METADATA_MS,
    allowAutoTopicCreation: false,
    partitionAssigners: [sharing(library, share)],
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  const crashed = new Promise<Error>((resolve) => consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error)));
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const owned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    // Said before the consumer's first fetch: it never asks for a record.
    consumer.pause(topics.map((topic) => ({ topic, partitions: owned.filter((each) => each.topic === topic).map(({ partition }) => partition) })));
    share.give(owned);
  });
  try {
    await orAborted(consumer.connect(), stop);
    await orAborted(consumer.subscribe({ topics: [...topics] }), stop);
    await orAborted(consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() }), stop);
    return await orAborted(crashed, stop);
  } catch (error) {
    if (stop.aborted) return undefined;
    return error as Error;
  } finally {
    await disconnect(consumer);
  }
}

/** Leaving is best effort: a member that cannot is missed after its session. */
async function disconnect(consumer: Consumer): Promise<void> {
  await consumer.disconnect().catch(() => undefined);
}

/** Each member says what it owns with what it subscribes to, and the leader shares. */
function sharing({ AssignerProtocol: { MemberAssignment, MemberMetadata } }: typeof Kafkajs, share: Share): PartitionAssigner {
  const version = 1;
  return ({ cluster }) => ({
    name: "millrace-sticky",
    version,
    protocol: ({ topics }) => ({ name: "millrace-sticky", metadata: MemberMetadata.encode({ version, topics, userData: Buffer.from(JSON.stringify(share.owned)) }) }),
    async assign({ members }) {
      const sharers = members.map(({ memberId, memberMetadata }) => {
        const { topics, userData } = MemberMetadata.decode(memberMetadata)!;
        return { id: memberId, topics, owned: (JSON.parse(userData.toString()) as readonly TopicPartition[]).map(nameOf) };
      });
      // Topics with the same subscribers are shared together; also such as this member does not subscribe to.
      const alike = new Map<string, string[]>();
      for (const topic of new Set(sharers.flatMap((member) => member.topics))) {
        const subscribers = sharers.filter((member) => member.topics.includes(topic)).map(({ id }) => id).join(" ");
        alike.set(subscribers, [...(alike.get(subscribers) ?? []), topic]);
      }
      await cluster.addMultipleTargetTopics([...alike.values()].flat());
      const shares = new Map<string, string[]>(sharers.map(({ id }) => [id, []]));
      for (const topics of alike.values()) {
        const partitions = topics.flatMap((topic) => cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => nameOf({ topic, partition: partitionId })));
        for (const [id, share] of stickyAssignment(sharers.filter((member) => member.topics.includes(topics[0]!)), partitions)) shares.get(id)!.push(...share);
      }
      return sharers.map(({ id }) => {
        const assignment: Record<string, number[]> = {};
        for (const name of shares.get(id)!) {
          const slash = name.lastIndexOf("/");
          (assignment[name.slice(0, slash)] ??= []).push(Number(name.slice(slash + 1)));
        }
        return { memberId: id, memberAssignment: MemberAssignment.encode({ version, assignment, userData: Buffer.alloc(0) }) };
      });
    },
  });
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
