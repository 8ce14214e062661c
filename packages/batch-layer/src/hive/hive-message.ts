/** What a server says of a failed statement. */
export interface HiveFailure {
  /** The server's sentence without its Java stack, with the error class and the SQL state where it gave them. */
  readonly message: string;
  /** `TABLE_OR_VIEW_NOT_FOUND`, for example. */
  readonly errorClass: string | undefined;
  readonly sqlState: string | undefined;
}

const CLASS = /\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\]/;

/**
 * Reads what the server sends: names of Java classes, `[ERROR_CLASS]`, the sentence, and kilobytes of stack. Where a
 * failure was caused by another one with a class of its own (a row that cannot be cast, while a table is written), that
 * one is told as well.
 */
export function hiveFailure(errorMessage: string | null | undefined, sqlState?: string | null): HiveFailure {
  const given = errorMessage ?? "";
  const first = sentence(given);
  const errorClass = CLASS.exec(first)?.[1];
  const causes = [...given.matchAll(/^(?:Caused by: |.*?: )?[\w.$]+(?:Exception|Error): (\[[^\n]*)/gm)].map(([, said]) => sentence(said!));
  // The last cause is the innermost.
  const root = causes.reverse().find((said) => CLASS.test(said) && CLASS.exec(said)![1] !== errorClass);
  const said = first === "" ? "the server gave no reason: its own log has it" : first;
  const state = sqlState === null || sqlState === undefined || sqlState === "" || said.includes(`SQLSTATE: ${sqlState}`) ? "" : ` (SQLSTATE: ${sqlState})`;
  return { message: `${said}${root === undefined || said.includes(root) ? "" : `; caused by ${root}`}${state}`, errorClass, sqlState: sqlState ?? undefined };
}

/** Up to the stack, without the Java classes that come before the error class or the sentence. */
function sentence(given: string): string {
  const before = given.split(/\n\s*at |\n\nDriver stacktrace|\nJVM stacktrace|\nCaused by: |\n== /)[0]!.trim();
  const found = CLASS.exec(before);
  const cut = found === null ? before.replace(/^(?:[\w.$]+(?:Exception|Error): |Error running query: )+/, "") : before.slice(found.index);
  // The class stands once before the exception's name and once after it.
  return cut
    .replace(/^(\[[A-Z0-9_.]+\]) [\w.$]+(?:Exception|Error): \1 /, "$1 ")
    .replace(/\s*\n\s*/g, " ")
    .trim();
}
