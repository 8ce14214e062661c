import type { Instance } from "../instance/instance.js";
import type { KnownServer } from "./known-server.js";

type Order = Pick<KnownServer, "name" | "needs" | "uses">;

/** Those that were asked for, and what they need: in the order of `known`, in which each comes after those it needs and uses. */
export const withNeeds = <Server extends Order>(known: readonly Server[], asked: readonly Server[]): readonly Server[] =>
  known.filter((server) => asked.includes(server) || asked.some(({ needs = [] }) => needs.includes(server.name)));

/**
 * How each is started: after those of them that it needs or uses, which it is given together with those that run already.
 *
 * @param found what was started before
 */
export function startsInOrder<Server extends Order>(
  servers: readonly Server[],
  start: (server: Server, others: Readonly<Record<string, Instance>>, signal: AbortSignal) => Promise<Instance>,
  found: (name: string) => Promise<Instance | undefined>,
): readonly ((signal: AbortSignal) => Promise<Instance>)[] {
  const starting = new Map<string, Promise<Instance>>();
  return servers.map((server) => (signal) => {
    const started = othersOf(server, starting, found).then((others) => start(server, others, signal));
    starting.set(server.name, started);
    return started;
  });
}

async function othersOf({ needs = [], uses = [] }: Order, starting: ReadonlyMap<string, Promise<Instance>>, found: (name: string) => Promise<Instance | undefined>): Promise<Readonly<Record<string, Instance>>> {
  const others: Record<string, Instance> = {};
  for (const name of [...needs, ...uses]) {
    const instance = await (starting.get(name) ?? found(name));
    if (instance?.nodes.some(({ running }) => running) === true) others[name] = instance;
  }
  return others;
}
