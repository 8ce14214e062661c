import { useEffect, useState } from "preact/hooks";
import type { ConnectionStatus, LiveState, WatchSpec } from "./live-connection.js";
import { useServices } from "./services.js";

/** A watch as a part of the page sees it. */
export interface Watched {
  readonly state: LiveState;
  /** Whether the state is that of the watch before this one, shown until the first answer. */
  readonly before: boolean;
}

const WAITING: LiveState = { kind: "waiting" };

/** Watches a query for as long as the component is there; undefined watches nothing. */
export function useLive(spec: WatchSpec | undefined): Watched {
  const { live } = useServices();
  const key = spec === undefined ? "" : JSON.stringify(spec);
  const [{ state, of }, setWatched] = useState<{ readonly state: LiveState; readonly of: string }>({ state: WAITING, of: key });
  useEffect(() => {
    if (key === "") return;
    const subscription = live.watch(JSON.parse(key) as WatchSpec).subscribe((next) => {
      // An answer to the question before stays until there is one to this; nothing flickers.
      setWatched((last) => (next.kind === "waiting" && last.state.kind === "answer" ? last : { state: next, of: key }));
    });
    return () => subscription.unsubscribe();
  }, [live, key]);
  return { state: key === "" ? WAITING : state, before: state.kind === "answer" && of !== key };
}

export function useConnectionStatus(): ConnectionStatus {
  const { live } = useServices();
  const [status, setStatus] = useState<ConnectionStatus>(live.status.value);
  useEffect(() => {
    const subscription = live.status.subscribe(setStatus);
    return () => subscription.unsubscribe();
  }, [live]);
  return status;
}
