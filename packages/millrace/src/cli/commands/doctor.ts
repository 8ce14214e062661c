import type { Command } from "commander";
import { examine } from "../../doctor/examine.js";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";

/** `doctor`: tries every port and says what is wrong and what to do. */
export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("try every part of the platform; exits 1 when one fails")
    .option("--json", "print JSON")
    .action((flags: { readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const checks = await examine(lambda, stopSignal());
        if (flags.json) printLine(toJson(checks));
        else for (const { name, ok, detail, advice } of checks) printLine(`${ok ? "ok  " : "FAIL"} ${name}: ${detail}${advice ? `\n     what to do: ${advice}` : ""}`);
        if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
      }),
    );
}
