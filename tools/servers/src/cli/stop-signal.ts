/** Aborts at the first Ctrl-C or TERM, so that what was started is stopped; the second one ends this process at once, and the guard stops them. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    process.stderr.write("stopping what was started; press Ctrl-C again not to wait for it\n");
    stop.abort(new Error("it was interrupted"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return stop.signal;
}
