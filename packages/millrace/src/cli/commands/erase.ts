import type { ErasedTopic, ErasureRemains } from "@millrace/batch-layer";
import { InvalidArgumentError, type Command } from "commander";
import { withLambda } from "../cli-context.js";
import { printLine, toJson } from "../print.js";
import { stopSignal } from "../stop-signal.js";
import { writeTelemetryLines } from "../telemetry-lines.js";

interface EraseFlags {
  readonly where?: Readonly<Record<string, readonly string[]>>;
  readonly stream?: readonly string[];
  readonly unreadable?: true;
  readonly dryRun?: true;
  readonly prune?: true;
  readonly status?: true;
  readonly json?: true;
}

/** `erase`: forget records, and say what still holds them. */
export function addEraseCommand(program: Command): void {
  program
    .command("erase")
    .description("erase records from every answer and file, and say what still holds them; exits 1 while matching records are not sealed yet")
    .option("--where <column=value>", "records with this value; another column: and, the same column twice: or", collectWhere)
    .option("--stream <topic>", "only of this topic, may be repeated; default: every stream that has the columns", collectTexts)
    .option("--unreadable", "also dead letters that cannot be told to match or not")
    .option("--dry-run", "say what would be erased")
    .option("--status", "say what still holds records that were erased")
    .option("--prune", "remove generations and files that still hold erased records")
    .option("--json", "print JSON")
    .action((flags: EraseFlags, command: Command) =>
      withLambda(command, async (lambda) => {
        const signal = stopSignal();
        const modes = [flags.where, flags.status, flags.prune].filter((mode) => mode !== undefined);
        if (modes.length !== 1) command.error("error: one of --where, --status and --prune is needed");
        const tell = (result: object, lines: readonly string[]): void => (flags.json ? printLine(toJson(result)) : lines.forEach(printLine));
        if (flags.status) {
          const remains = await lambda.erase.remains({ signal });
          return tell(remains, remains.length === 0 ? ["nothing was ever erased"] : remains.flatMap(remainsLines));
        }
        const telling = writeTelemetryLines(printLine);
        if (!flags.json) lambda.observe((event) => (event.type === "RunFailed" ? undefined : telling(event)));
        if (flags.prune) {
          const pruned = await lambda.erase.prune({ signal });
          const remains = await lambda.erase.remains({ signal });
          const removed = `removed ${plural(pruned.generations.length, "generation")}, ${plural(pruned.versions, "table version")} and ${plural(pruned.files, "file")} of the master dataset`;
          return tell({ pruned, remains }, [removed, ...remains.flatMap(remainsLines)]);
        }
        const { where = {}, stream, unreadable, dryRun } = flags;
        const report = await lambda.erase.run({ where, signal, ...(stream ? { streams: stream } : {}), ...(unreadable ? { unreadable } : {}), ...(dryRun ? { dryRun } : {}) });
        const erased = report.topics.map(({ topic }) => topic);
        const remains = report.remains.filter(({ topic }) => erased.includes(topic));
        tell(report, [
          ...report.topics.flatMap((topic) => topicLines(topic, dryRun === true)),
          ...(report.generation === null ? [] : [`generation ${report.generation} answers without them`]),
          ...(dryRun ? [] : remains.flatMap(remainsLines)),
        ]);
        if (report.topics.some(({ unsealed }) => unsealed > 0)) process.exitCode = 1;
      }),
    );
}

const collectTexts = (text: string, sofar: readonly string[] = []): readonly string[] => [...sofar, text];

function collectWhere(text: string, sofar: Readonly<Record<string, readonly string[]>> = {}): Record<string, readonly string[]> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("column=value is wanted");
  const column = text.slice(0, at);
  return { ...sofar, [column]: [...(sofar[column] ?? []), text.slice(at + 1)] };
}

const plural = (n: number, word: string): string => `${n.toLocaleString("en-US")} ${word}${n === 1 ? "" : "s"}`;

function topicLines({ topic, events, deadLetters, unreadable, unsealed, erasure }: ErasedTopic, dryRun: boolean): readonly string[] {
  const found = `${plural(events, "event")} and ${plural(deadLetters, "dead letter")}`;
  return [
    erasure !== null ? `erased ${found} of "${topic}" (erasure ${erasure})` : `${dryRun ? "would erase" : "nothing to erase:"} ${found} of "${topic}"`,
    ...(unreadable > 0 ? [`  ${plural(unreadable, "dead letter")} cannot be told to match or not: look at them, or erase them with --unreadable`] : []),
    ...(unsealed > 0 ? [`  ${plural(unsealed, "matching record")} ${unsealed === 1 ? "is" : "are"} not sealed yet: erase again once ingest has sealed ${unsealed === 1 ? "it" : "them"}`] : []),
  ];
}

function remainsLines({ topic, records, notApplied, generations, files, inLog, logRetentionMs, speedUntil, sinks }: ErasureRemains): readonly string[] {
  const lines = [
    ...(notApplied > 0 ? [`${plural(notApplied, "erasure")} not applied yet: run \`millrace batch run\``] : []),
    ...(generations.length > 0 ? [`${generations.length === 1 ? "generation" : "generations"} ${generations.join(", ")}: \`millrace erase --prune\`, one hour after ${generations.length === 1 ? "it was" : "they were"} replaced`] : []),
    ...(files > 0 ? [`${plural(files, "file")} of the master dataset: \`millrace erase --prune\``] : []),
    ...(speedUntil === null ? [] : [`rows of the speed layer, until they expire at ${new Date(speedUntil).toISOString()}`]),
    ...(inLog > 0 ? [`the log, ${plural(inLog, "record")}: ${logRetentionMs === null ? "it keeps records for ever" : `it keeps records for ${logRetentionMs.toLocaleString("en-US")} ms`}`] : []),
    ...(sinks.length > 0 ? [`what was delivered to ${sinks.map((sink) => `"${sink}"`).join(", ")}`] : []),
  ];
  const what = `of "${topic}" ${plural(records, "record")} ${records === 1 ? "is" : "are"} erased`;
  return lines.length === 0 ? [`${what}, and nothing holds ${records === 1 ? "it" : "them"} any more`] : [`${what}; still held by`, ...lines.map((line) => `  ${line}`)];
}
