/**
 * A decoder that must learn something before it can read records, such as the schemas that they name. Give it as a
 * stream's `decode`.
 *
 * What a record decodes to, and whether it is a dead letter, must depend on its bytes alone: both layers decode it, at
 * different times and in different processes, and must find the same.
 *
 * @example
 * const decode: RecordDecoder = {
 *   prepare: (values, signal) => schemas.load(new Set(Array.from(values, schemaIdOf)), signal),
 *   decode: (value) => schemas.loaded(schemaIdOf(value)).decode(value),
 * };
 */
export interface RecordDecoder {
  /**
   * Called with the values of each batch before they are decoded; when it resolves, `decode` must be able to judge every
   * one of them. A value is not yet judged here: one that is malformed is `decode`'s to refuse.
   *
   * Rejecting stops the reading, and nothing becomes a dead letter: with an error that says `retryable: true`
   * (`UnavailableError`) it is called again after a pause, with any other the layer ends with it. `values` is read once,
   * before the first await.
   */
  readonly prepare: (values: Iterable<Uint8Array>, signal: AbortSignal) => Promise<void>;
  /** The record as a plain object, from its bytes. Throwing makes a dead letter with the error's message. */
  readonly decode: (value: Uint8Array) => unknown;
}
