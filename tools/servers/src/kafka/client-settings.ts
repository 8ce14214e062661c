import type { Place } from "../instance/server-kind.js";
import type { KafkaOptions, SaslMechanism } from "./kafka-options.js";
import { SASL_USER } from "./kafka-options.js";
import { readCertificate } from "./tls-files.js";

/** How a client reaches brokers, in the words of kafkajs. */
export interface KafkaClientSettings {
  readonly brokers: readonly string[];
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string };
  readonly ssl?: { readonly ca: string };
}

/** The port that clients of a broker use. */
export const clientPort = ({ ports }: Pick<Place, "ports">, id: number): number => ports[`client-${id}`] ?? ports[`broker-${id}`]!;

/** What a client needs to reach these brokers. */
export function clientSettings({ listeners }: KafkaOptions, place: Place, ids: readonly number[]): KafkaClientSettings {
  return {
    brokers: ids.map((id) => `127.0.0.1:${clientPort(place, id)}`),
    ...(listeners?.sasl === undefined ? {} : { sasl: { mechanism: listeners.sasl, ...SASL_USER } }),
    ...(listeners?.tls === true ? { ssl: { ca: readCertificate(place.runDir) } } : {}),
  };
}
