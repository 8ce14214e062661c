import type { JavaRange } from "../install/find-java.js";
import type { InstallOptions } from "../install/install-folder.js";
import type { PortWish } from "../ports/port-lease.js";
import type { NodePlan, Tools } from "./node-plan.js";

/** A run folder with its ports, by the names that the kind gave them. */
export interface Place {
  readonly runDir: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** All that is particular to one server. Processes, ports, logs, readiness and state are the same for all. */
export interface ServerKind<Options> {
  readonly name: string;
  /** What its nodes run on, where that is not Java and jars. */
  tools?(signal: AbortSignal | undefined, options: InstallOptions): Promise<Tools>;
  /** Resolves with the folder of its jars, which are fetched on first use. */
  install(options: InstallOptions, signal: AbortSignal | undefined): Promise<string>;
  readonly java: JavaRange;
  /** What a run folder is made for: its data cannot be used with another shape. */
  shape(options: Options): Readonly<Record<string, unknown>>;
  /** The ports it needs, by name. */
  ports(options: Options): Readonly<Record<string, PortWish>>;
  /** Makes once what all nodes share, certificates for example. */
  prepare?(options: Options, place: Place): Promise<void>;
  /** Its nodes. With `startsInTurn` the first is started alone, before the others. */
  nodes(options: Options, place: Place): readonly NodePlan[];
  readonly startsInTurn: boolean;
}
