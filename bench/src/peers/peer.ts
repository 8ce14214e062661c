/** An engine that one would take instead, and how its program is run. */
export interface Peer {
  readonly name: string;
  /** What the job does, in a few words. */
  readonly job: string;
  /** Where results and state are when a round ends. */
  readonly durable: string;
  /** Where the events come from. */
  readonly input: "kafka" | "parquet";
  readonly program: JavaProgram | PythonProgram | TaskProgram;
  /** Passed on to the program. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Standard error of its distinct users; 0: exact. */
  readonly usersError: number;
  /** It gets no more events than these: it is slow, and what it takes for each is what is compared. */
  readonly mostEvents?: number;
  /** Why its results may differ by the updates it says it has dropped. */
  readonly mayDrop?: string;
  /** Not unless it is asked for by name. */
  readonly byNameOnly?: boolean;
  /** What it is told when events come at an even pace, and what is watched; without it that is not measured. */
  readonly paced?: { readonly settings: Readonly<Record<string, string | number>>; readonly visible: string };
}

/** Java sources in `bench/peers/<folder>`, with the libraries of its `pom.xml`. */
export interface JavaProgram {
  readonly kind: "java";
  readonly folder: string;
  readonly main: string;
  readonly jvm: readonly string[];
}

/** A file of `bench/peers/python`. */
export interface PythonProgram {
  readonly kind: "python";
  readonly file: string;
}

/** One of the tasks of the benches. */
export interface TaskProgram {
  readonly kind: "task";
  readonly task: "speed-servers" | "read-kafkajs" | "query-parquet";
}
