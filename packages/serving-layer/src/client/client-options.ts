/** How a client asks. */
export interface ClientOptions {
  /** The server's token. */
  readonly token?: string;
  /** Default: the global one. */
  readonly fetch?: Fetch;
  /** How long a watch waits before it connects again: from `minMs` (250), doubled at every failure in a row up to `maxMs` (10,000), of which a random half. */
  readonly reconnect?: { readonly minMs?: number; readonly maxMs?: number };
  /** A watch that receives nothing for so long, not even a heartbeat, connects again. Default 45,000. */
  readonly silenceMs?: number;
  /** Told whenever a watch is about to connect again: why, and after how many ms. */
  readonly onReconnect?: (error: Error, delayMs: number) => void;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** What is needed of `fetch`. */
export type Fetch = (
  url: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string; readonly signal: AbortSignal },
) => Promise<FetchResponse>;

/** As much of a `Response` as the client needs. */
export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The whole body. */
  text(): Promise<string>;
  readonly body: { getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> } } | null;
}
