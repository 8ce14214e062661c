import type { Clock } from "@millrace/core";
import type { FastifyReply } from "fastify";
import { HttpError } from "./http-error.js";

/**
 * Runs `job` with a signal that aborts when the client has gone or `deadlineMs` have passed. It returns by then also when
 * the job does not listen.
 *
 * @throws {HttpError} `DEADLINE`
 */
export async function withinDeadline<T>(reply: FastifyReply, timers: Clock, deadlineMs: number, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const done = new AbortController();
  const gone = () => own.abort(new HttpError("DEADLINE", "answering: the client has gone"));
  reply.raw.once("close", gone);
  const stopped = new Promise<never>((_, reject) => own.signal.addEventListener("abort", () => reject(own.signal.reason as Error), { once: true }));
  timers.sleep(deadlineMs, done.signal).then(
    () =>
      own.abort(
        new HttpError("DEADLINE", `answering: it takes longer than ${deadlineMs} ms`, {
          advice: "ask for a shorter range, a coarser granularity or fewer dimensions, or give the server a longer deadline",
        }),
      ),
    () => {},
  );
  try {
    return await Promise.race([job(own.signal), stopped]);
  } finally {
    done.abort();
    reply.raw.removeListener("close", gone);
  }
}
