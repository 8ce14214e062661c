/** What a server says of a failed statement. */
export interface PrestoFailure {
  readonly message: string;
  /** `SYNTAX_ERROR`, for example. */
  readonly errorName?: string;
  /** `USER_ERROR`, `INTERNAL_ERROR`, `INSUFFICIENT_RESOURCES` or `EXTERNAL`. */
  readonly errorType?: string;
}

/** One answer of the statement protocol. */
export interface PrestoPage {
  readonly id: string;
  /** Where the next one is; none after the last. */
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: PrestoFailure;
}

/** A statement, with the settings of its session. */
export interface PrestoStatement {
  readonly sql: string;
  readonly session: Readonly<Record<string, string>>;
}

/** Sends single requests to a server. Each rejects with {@link PrestoLostError} or {@link PrestoRefusedError}, or with the signal's reason. */
export interface PrestoRequests {
  /** A new statement. */
  post(statement: PrestoStatement, signal: AbortSignal): Promise<PrestoPage>;
  /** A further answer: asked once more, the same one comes. */
  get(uri: string, signal: AbortSignal): Promise<PrestoPage>;
  /** Ends the statement that `uri` would have gone on with. */
  cancel(uri: string, signal: AbortSignal): Promise<void>;
}

/** How requests are made; called once, at the first statement. */
export type OpenPresto = () => Promise<PrestoRequests>;

/** No whole answer came. */
export class PrestoLostError extends Error {
  override readonly name = "PrestoLostError";
}

/** The server answered a request with a status that is none of the protocol. */
export class PrestoRefusedError extends Error {
  override readonly name = "PrestoRefusedError";

  /** @param isBusy the protocol says to ask again */
  constructor(
    message: string,
    readonly status: number,
    readonly isBusy: boolean,
  ) {
    super(message);
  }
}
