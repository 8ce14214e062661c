import type { KafkaConfig } from "kafkajs";
import { Kafka, logLevel } from "kafkajs";

const client = (settings: Omit<KafkaConfig, "logLevel">): Kafka => new Kafka({ retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 }, ...settings, logLevel: logLevel.NOTHING });

/** Creates a topic of one partition. */
export async function createTopic(settings: Omit<KafkaConfig, "logLevel">, topic: string, replicationFactor = 1): Promise<void> {
  const admin = client(settings).admin();
  await admin.connect();
  try {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, replicationFactor }] });
  } finally {
    await admin.disconnect();
  }
}

/** Appends texts to the one partition of a topic, each once; acknowledged by all replicas. */
export async function append(settings: Omit<KafkaConfig, "logLevel">, topic: string, texts: readonly string[]): Promise<void> {
  const producer = client(settings).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: texts.map((value) => ({ value, partition: 0 })) });
  } finally {
    await producer.disconnect();
  }
}

/** What the one partition of a topic holds. */
export async function contents(settings: Omit<KafkaConfig, "logLevel">, topic: string): Promise<readonly string[]> {
  const kafka = client(settings);
  const admin = kafka.admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  const texts: string[] = [];
  if (end!.high === "0") return texts;
  const consumer = kafka.consumer({ groupId: `contents-of-${topic}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          autoCommit: false,
          eachMessage: ({ message }) => {
            texts.push(message.value!.toString());
            if (BigInt(message.offset) + 1n === BigInt(end!.high)) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return texts;
}

/** The topics there are. */
export async function topics(settings: Omit<KafkaConfig, "logLevel">): Promise<readonly string[]> {
  const admin = client(settings).admin();
  await admin.connect();
  return admin.listTopics().finally(() => admin.disconnect());
}

/** Ids of the brokers that the cluster holds for alive, in order. */
export async function alive(settings: Omit<KafkaConfig, "logLevel">): Promise<readonly number[]> {
  const admin = client(settings).admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster().finally(() => admin.disconnect());
  return brokers.map(({ nodeId }) => nodeId).sort();
}
