import type { Peer } from "./peer.js";

/**
 * The peers of these names; all but those that run by name only when there are none.
 *
 * @throws {RangeError} no peer has such a name
 */
export function choosePeers(peers: readonly Peer[], names: readonly string[] = []): readonly Peer[] {
  const unknown = names.find((name) => peers.every((peer) => peer.name !== name));
  if (unknown !== undefined) throw new RangeError(`there is no peer "${unknown}"; there are ${peers.map(({ name }) => name).join(", ")}`);
  return names.length === 0 ? peers.filter(({ byNameOnly }) => byNameOnly !== true) : peers.filter(({ name }) => names.includes(name));
}
