import { onAbort } from "@millrace/core";

/** Hands a function to `register` and resolves once it is called; rejects with the signal's reason when aborted before. */
export function resumed(register: (resume: () => void) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const forget = onAbort(signal, () => reject(signal.reason as Error));
    register(() => {
      forget();
      resolve();
    });
  });
}
