import type { Command } from "commander";
import { findDeadLetters } from "../../dead-letters/find-dead-letters.js";
import { replayDeadLetters } from "../../dead-letters/replay-dead-letters.js";
import type { StoredDeadLetter } from "../../dead-letters/stored-dead-letter.js";
import { withLambda } from "../cli-context.js";
import { parseCount } from "../parse-option.js";
import { printLine, toJson, toTable } from "../print.js";
import { stopSignal } from "../stop-signal.js";

interface ListFlags {
  readonly topic?: string;
  readonly limit: number;
  readonly json?: true;
}

/** `dead-letters list | replay`. */
export function addDeadLetterCommands(program: Command): void {
  const deadLetters = program.command("dead-letters").description("look at records that could not be decoded, and send them again");

  deadLetters
    .command("list")
    .description("list dead letters with coordinates and reason, oldest first")
    .option("--topic <topic>", "only of this topic")
    .option("--limit <n>", "dead letters at most", parseCount, 1_000)
    .option("--json", "print one JSON object a line, with the whole value")
    .action((flags: ListFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const rows: ReturnType<typeof toRow>[] = [];
        for await (const letter of findDeadLetters(lambda, flags.topic, stopSignal())) {
          if (rows.length === flags.limit) break;
          rows.push(toRow(letter));
        }
        if (flags.json) for (const row of rows) printLine(toJson(row));
        else printLine(rows.length === 0 ? "no dead letters" : toTable(rows.map(({ value, appendedAt, ...row }) => ({ ...row, appendedAt: new Date(appendedAt), value: value === null ? null : shorten(value) }))));
      }),
    );

  deadLetters
    .command("replay")
    .description("append the values of dead letters that decode now as new records")
    .option("--topic <topic>", "only of this topic")
    .option("--dry-run", "say what would be appended")
    .option("--json", "print JSON")
    .action((flags: { readonly topic?: string; readonly dryRun?: true; readonly json?: true }, command: Command) =>
      withLambda(command, async (lambda) => {
        const result = await replayDeadLetters(lambda, flags, stopSignal());
        if (flags.json) return printLine(toJson(result));
        printLine(
          `${flags.dryRun ? "would append" : "appended"} ${result.appended} records; ${result.alreadyReplayed} had been replayed before; ${result.stillUndecodable} still do not decode and were left alone`,
        );
      }),
    );
}

const SHOWN_CHARACTERS = 60;

const toRow = ({ topic, partition, offset, appendedAt, reason, column, detail, value }: StoredDeadLetter) => ({
  topic,
  partition,
  offset,
  appendedAt,
  reason,
  column,
  detail,
  value: value === null ? null : new TextDecoder().decode(value),
});

const shorten = (value: string): string => (value.length <= SHOWN_CHARACTERS ? value : `${value.slice(0, SHOWN_CHARACTERS)}…`);
