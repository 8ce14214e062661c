import type { Command } from "commander";
import { withLambda } from "../cli-context.js";
import { parseCount, parseList } from "../parse-option.js";
import { printLine } from "../print.js";
import { describeError } from "../report-error.js";
import { stopSignal } from "../stop-signal.js";
import type { ServeOptions } from "../../serve/serve-lambda.js";

/** The environment variable that holds the server's token: command lines are seen by every user of a machine. */
export const TOKEN_VARIABLE = "MILLRACE_TOKEN";

export interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  readonly deadline?: number;
  readonly rateLimit?: number;
  readonly watches?: number;
  readonly cors?: readonly string[];
}

/** The options that `serve` and `dev` have in common. */
export const addServeOptions = (command: Command): Command =>
  command
    .option("--host <address>", "address to listen on; one that other machines reach needs a token; default: 127.0.0.1")
    .option("--port <n>", "port to listen on, 0 for a free one; default: 4280", parseCount)
    .option("--token <token>", `token that every request must carry; better: the environment variable ${TOKEN_VARIABLE}`)
    .option("--deadline <ms>", "a request is answered or refused by then; default: 30000", parseCount)
    .option("--rate-limit <n>", "requests of one address within a second; default: 1000", parseCount)
    .option("--watches <n>", "watches open at the same time; default: 100", parseCount)
    .option("--cors <origins>", "origins whose pages may read answers, comma-separated; default: none", parseList);

export function serveOptions(flags: ServeFlags): ServeOptions {
  const token = flags.token ?? process.env[TOKEN_VARIABLE];
  return {
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(token === undefined ? {} : { token }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    ...(flags.rateLimit === undefined ? {} : { maxRequestsPerSecond: flags.rateLimit }),
    ...(flags.watches === undefined ? {} : { maxWatches: flags.watches }),
    ...(flags.cors === undefined ? {} : { corsOrigins: flags.cors }),
    onError: (error) => void process.stderr.write(`serving: ${describeError(error)}\n`),
  };
}

/** `serve`: answers over HTTP until it is stopped. */
export function addServeCommand(program: Command): void {
  addServeOptions(program.command("serve").description("answer over HTTP, until Ctrl-C")).action((flags: ServeFlags, command: Command) =>
    withLambda(command, async (lambda) => {
      const server = await lambda.serve({ ...serveOptions(flags), signal: stopSignal() });
      printLine(`serving on ${server.url}`);
      await server.closed;
    }),
  );
}
