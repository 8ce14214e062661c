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
  /** Offset below which nothing is outstanding; never steps back within one reading. A restart reads from here. */
  readonly until: number;
  /**
   * Offset below which no record is held in memory any more, at least `until`: the credits of those below it return.
   * Only windows tell it. They keep accumulators of records that are read again after a restart, and no records.
   */
  readonly released?: number;
}

/**
 * Says that the records below `until` are durable. For authors of terminal operators: claiming more than is durable
 * loses records at the next restart, claiming less holds the source back.
 */
export function progressOf(topic: string, partition: number, until: number, released?: number): Progress {
  return { topic, partition, until, ...(released === undefined ? {} : { released }) } as Progress;
}
