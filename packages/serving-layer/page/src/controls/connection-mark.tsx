import type { ConnectionStatus } from "../services/live-connection.js";
import { clockTime } from "../text/format-time.js";

/** Whether what is shown is live, and the time of the views' clock. */
export function ConnectionMark({ status, zone }: { readonly status: ConnectionStatus; readonly zone: string }) {
  const text = { connecting: "Connecting", live: "Live", broken: "Not connected", unauthorized: "No token" }[status.kind];
  const at = status.kind === "live" || status.kind === "broken" ? status.at : undefined;
  return (
    <p class={`connection ${status.kind}`}>
      <span class="connection-dot" aria-hidden="true" />
      <span role="status">{text}</span>
      {at === undefined ? null : <time dateTime={new Date(at).toISOString()}>{clockTime(zone, at, true)}</time>}
    </p>
  );
}
