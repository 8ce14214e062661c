/** Key of a property that carries a type and has no value: no object has it at run time. */
declare const durable: unique symbol;

/**
 * Everything of a partition below `until` is durable at its destination, or needs not be. Only terminal operators make
 * it, and only it returns credits to the source.
 */
export interface Progress {
  readonly [durable]: "progress";
  readonly topic: string;
  readonly partition: number;
  /** Offset below which nothing is outstanding; never steps back within one reading. */
  readonly until: number;
}

/**
 * Says that the records below `until` are durable. For authors of terminal operators: claiming more than is durable
 * loses records at the next restart, claiming less holds the source back.
 */
export function progressOf(topic: string, partition: number, until: number): Progress {
  return { topic, partition, until } as Progress;
}
