import { MillraceError } from "../errors/millrace-error.js";

/** A broker refused a request, or cannot be reached. */
export class KafkaError extends MillraceError {
  readonly code = "KAFKA";
  readonly retryable: boolean;
  /** As Kafka's protocol spells it, such as `TOPIC_AUTHORIZATION_FAILED`; absent when no broker answered. */
  readonly kafkaCode: string | undefined;

  constructor(doing: string, why: string, info: { readonly retryable: boolean; readonly kafkaCode?: string | undefined; readonly cause?: unknown; readonly advice?: string }) {
    super(`${doing}: ${why}`, info);
    this.retryable = info.retryable;
    this.kafkaCode = info.kafkaCode;
  }
}
