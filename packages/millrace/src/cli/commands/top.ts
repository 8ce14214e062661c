import { MillraceError, type AnyView } from "@millrace/core";
import type { Trust } from "@millrace/serving-layer";
import { InvalidArgumentError, type Command } from "commander";
import { setTimeout as pause } from "node:timers/promises";
import type { Lambda } from "../../lambda/lambda.js";
import { trustOf } from "../../serve/trust-of.js";
import { topPage } from "../../top/top-page.js";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";
import { describeError } from "../report-error.js";
import { stopSignal } from "../stop-signal.js";

interface TopFlags {
  readonly every: number;
  readonly once?: true;
  readonly json?: true;
}

/** `top`: how far a deployment is, drawn again and again; a page or a JSON line each time where no terminal is. */
export function addTopCommand(program: Command): void {
  program
    .command("top")
    .description("show partitions, lag, segments, generations and dead letters, until Ctrl-C")
    .option("--every <ms>", "how often to look", parseEvery, 2_000)
    .option("--once", "look once")
    .option("--json", "print a JSON line each time")
    .action((flags: TopFlags, command: Command) => withLambda(command, (lambda) => watch(lambda, flags, stopSignal())));
}

async function watch(lambda: Lambda<AnyView>, { every, once, json }: TopFlags, signal: AbortSignal): Promise<void> {
  const { platform, batch } = lambda;
  const reader = trustOf(lambda, lambda.layers.serving());
  const draw = process.stdout.isTTY && !once ? (await import("log-update")).default : printLine;
  let before: { readonly trust: Trust; readonly readAt: number } | undefined;
  const look = async (): Promise<void> => {
    const trust = await reader.read(signal);
    const readAt = performance.now();
    if (json) printLine(toJson(trust));
    else draw(topPage({ trust, before: before && { trust: before.trust, agoMs: readAt - before.readAt }, generations: await batch.list({ signal }) }));
    before = { trust, readAt };
  };
  while (!signal.aborted) {
    try {
      await look();
      if (once) return;
    } catch (error) {
      if (signal.aborted) return;
      // Who looks because something is wrong goes on looking while a server is away.
      if (once || !(error instanceof MillraceError) || !error.retryable) throw error;
      if (json) printLine(toJson({ at: platform.clock.now(), error: error.message }));
      else draw(`no look this time\n${describeError(error)}`);
    }
    await pause(every, undefined, { signal }).catch(() => undefined);
  }
}

function parseEvery(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 100) throw new InvalidArgumentError("a number of ms, 100 or more, is wanted");
  return value;
}
