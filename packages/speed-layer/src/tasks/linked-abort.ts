import { onAbort } from "@millrace/core";

/** A controller that `parent` aborts as well. Call `unlink` when it is no longer needed, or the parent holds it for ever. */
export function linkedAbort(parent: AbortSignal): { readonly abort: AbortController; readonly unlink: () => void } {
  const abort = new AbortController();
  if (parent.aborted) {
    abort.abort(parent.reason);
    return { abort, unlink: () => undefined };
  }
  return { abort, unlink: onAbort(parent, () => abort.abort(parent.reason)) };
}
