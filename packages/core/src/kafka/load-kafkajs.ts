import { createRequire } from "node:module";
import type * as Kafkajs from "kafkajs";
import type { Kafka, KafkaConfig } from "kafkajs";
import { MissingDriverError } from "../errors/missing-driver-error.js";
import { KAFKAJS_VERSION, KafkajsVersionError } from "./kafkajs-internals.js";

/** What settings are completed with: more tries than kafkajs makes by default, which a broker's death outlives. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 };

/**
 * @throws {MissingDriverError} when kafkajs is not installed.
 * @throws {KafkajsVersionError} when another version is.
 */
export async function loadKafkajs(user: string): Promise<typeof Kafkajs> {
  let library: typeof Kafkajs & { readonly default?: typeof Kafkajs };
  try {
    library = (await import("kafkajs")) as typeof library;
  } catch (error) {
    throw new MissingDriverError(user, "kafkajs", KAFKAJS_VERSION, error);
  }
  checkVersion(installedVersion());
  return library.default ?? library;
}

/** Undefined where it cannot be told, as in a bundle: the inner parts are looked at all the same. */
function installedVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)("kafkajs/package.json") as { readonly version?: string }).version;
  } catch {
    return undefined;
  }
}

/** @throws {KafkajsVersionError} */
export function checkVersion(installed: string | undefined): void {
  if (installed !== undefined && installed !== KAFKAJS_VERSION) throw new KafkajsVersionError(`version ${installed} is installed, and this adapter uses inner parts of ${KAFKAJS_VERSION}`);
}

export function isKafka(kafka: object): kafka is Kafka {
  return typeof (kafka as Partial<Kafka>).producer === "function";
}

/**
 * The object that is given, or one of the settings. kafkajs writes nothing to the console then unless they say so: errors
 * reach the caller.
 */
export function openKafka(library: typeof Kafkajs, kafka: Kafka | KafkaConfig): Kafka {
  if (isKafka(kafka)) return kafka;
  // kafkajs writes into the `sasl` that it is given, and would take the password from there the next time.
  const sasl = kafka.sasl === undefined ? {} : { sasl: { ...kafka.sasl } };
  return new library.Kafka({ logLevel: library.logLevel.NOTHING, retry: RETRY, ...kafka, ...sasl });
}
