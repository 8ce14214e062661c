/**
 * Aborts at the first Ctrl-C or TERM, so that a job stops cleanly; the second one ends the process at once, for a job
 * that does not come to rest.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(130);
    asked = true;
    process.stderr.write("stopping; press Ctrl-C again to stop at once\n");
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return stop.signal;
}
