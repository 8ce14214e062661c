import { CommanderError } from "commander";
import { createRequire } from "node:module";
import { createProgram } from "./cli/program.js";
import { describeError } from "./cli/report-error.js";

const { version } = createRequire(import.meta.url)("../package.json") as { readonly version: string };

// A reader that has seen enough (`millrace log dump | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await createProgram(version).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
