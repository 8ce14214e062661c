import { MillraceError } from "@millrace/core";

/** The server cannot listen on its address. */
export class ListenError extends MillraceError {
  readonly code = "LISTEN";
  readonly retryable = false;

  constructor(host: string, port: number, cause: unknown) {
    const taken = (cause as { readonly code?: unknown } | undefined)?.code === "EADDRINUSE";
    super(`listening on "${host}" port ${port}${taken ? ": another process has it" : ""}`, {
      cause,
      ...(taken ? { advice: "name another one with --port (or the option `port`); 0 takes a free one" } : {}),
    });
  }
}
