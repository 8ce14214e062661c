import type { ClassArchive } from "../install/class-archive.js";
import type { CommandLine } from "../process/server-process.js";

/** What is needed to run the programs of a server. */
export interface Tools {
  /** Empty for a server that needs none. */
  readonly java: string;
  /** The folder of the server's jars, or of what else it is installed as. */
  readonly jars: string;
  /** To be read, or to be made. */
  readonly archive?: ClassArchive;
}

/** One process of a server, before it runs. */
export interface NodePlan {
  /** Its name among all servers: `kafka-1`. */
  readonly name: string;
  /** A folder of its own inside the run folder, for configuration, data and logs. */
  readonly dir: string;
  /** Logs that it writes itself, besides what it prints. */
  readonly logFiles: readonly string[];
  /** Its ports; they go to it when it outlives its starter. */
  readonly ports: readonly number[];
  /** How long it may take to end by itself, ms. */
  readonly graceMs: number;
  /** Writes its configuration and says how it is started; called before each start. */
  prepare(tools: Tools, signal: AbortSignal | undefined): Promise<CommandLine>;
  /**
   * Resolves when the node answers in its own protocol, and rejects with why not.
   *
   * @param everyone also the other nodes must be known to it: asked once, when all start
   */
  probe(everyone: boolean, signal: AbortSignal): Promise<void>;
}
