import { checkColumnName, checkDistinct, describe, unknownName } from "../configuration/names.js";
import { Problems } from "../configuration/problems.js";
import type { ColumnDefinition } from "./column-definition.js";
import type { ColumnType } from "./column-type.js";
import type { RecordDecoder } from "./record-decoder.js";
import type { Columns, Stream } from "./stream.js";
import type { StreamDefinition } from "./stream-definition.js";

type Times<C extends Columns> = { [N in keyof C & string]: C[N] extends ColumnType<"timestamp", Date> ? N : never }[keyof C & string];

/** What {@link defineStream} takes. */
export interface StreamDeclaration<C extends Columns> {
  /** 1 to 249 characters of letters, digits, `.`, `_` and `-`. */
  readonly topic: string;
  readonly columns: C;
  /** The timestamp column that says when an event happened. */
  readonly eventTime: [Times<C>] extends [never] ? "a stream needs a timestamp column that is not optional" : Times<C>;
  /**
   * The record as a plain object, from its bytes; throwing makes a dead letter. A {@link RecordDecoder} where that takes
   * more than the bytes. Default: JSON.
   */
  readonly decode?: ((value: Uint8Array) => unknown) | RecordDecoder;
  /** Raise it when `decode` changes its meaning: views are then rebuilt. Default 1. */
  readonly decoderVersion?: number;
  /** An event is late when `eventTime < appendedAt - latenessMs`. Late events count all the same. Default 60,000. */
  readonly latenessMs?: number;
  /** Event time below `appendedAt - maxPastMs` is a dead letter. Default: no bound. */
  readonly maxPastMs?: number | null;
  /** Event time above `appendedAt + maxFutureMs` is a dead letter. Default one day. */
  readonly maxFutureMs?: number;
  /** A text longer than this many UTF-8 bytes makes a dead letter, also in a column that is no dimension yet. Default 8,192. */
  readonly maxTextBytes?: number;
  /** A record's value larger than this is a dead letter. Default 4 MiB. */
  readonly maxRecordBytes?: number;
}

const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;
const DAY_MS = 86_400_000;

/**
 * A typed reading of one topic.
 *
 * @example
 * const plays = defineStream({ topic: "listen_events", columns: { ts: timestamp("ms"), song: text().optional() }, eventTime: "ts" });
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineStream<const C extends Columns>(declaration: StreamDeclaration<C>): Stream<C> {
  const problems = new Problems();
  const { topic } = declaration;
  if (typeof topic !== "string" || !TOPIC.test(topic) || topic === "." || topic === "..") {
    problems.add("topic", `${describe(topic)} is not the name of a topic: 1 to 249 letters, digits, ".", "_" and "-"`);
  }
  const columns = resolveColumns(declaration.columns, problems);
  const eventTime: string = declaration.eventTime;
  const time = Object.hasOwn(columns, eventTime) ? columns[eventTime] : undefined;
  if (time === undefined) problems.add("eventTime", `no column ${unknownName(String(eventTime), Object.keys(columns))}`);
  else if (time.kind !== "timestamp" || time.optional) problems.add("eventTime", `"${eventTime}" must be a timestamp column that is not optional`);
  const decoding = resolveDecode(declaration.decode, problems);

  const definition: StreamDefinition = {
    topic,
    columns,
    eventTime,
    latenessMs: whole("latenessMs", declaration.latenessMs ?? 60_000, 0),
    maxPastMs: declaration.maxPastMs == null ? null : whole("maxPastMs", declaration.maxPastMs, 0),
    maxFutureMs: whole("maxFutureMs", declaration.maxFutureMs ?? DAY_MS, 0),
    maxTextBytes: whole("maxTextBytes", declaration.maxTextBytes ?? 8_192, 1),
    maxRecordBytes: whole("maxRecordBytes", declaration.maxRecordBytes ?? 4 * 1024 * 1024, 1),
    decoderVersion: whole("decoderVersion", declaration.decoderVersion ?? 1, 1),
    ...decoding,
  };
  problems.throwIfAny(`defining stream ${describe(topic)}`);
  return Object.freeze({ topic, columns: declaration.columns, definition: Object.freeze(definition) });

  function whole(path: string, value: number, least: number): number {
    if (!Number.isSafeInteger(value) || value < least) problems.add(path, `must be a whole number of at least ${least}, not ${describe(value)}`);
    return value;
  }
}

function resolveDecode(declared: StreamDeclaration<Columns>["decode"], problems: Problems): Pick<StreamDefinition, "decode" | "prepare"> {
  if (declared === undefined) return {};
  if (typeof declared === "function") return { decode: declared };
  if (typeof declared !== "object" || declared === null || typeof declared.decode !== "function" || typeof declared.prepare !== "function") {
    problems.add("decode", "must be a function from bytes to the record, or an object with the functions prepare and decode");
    return {};
  }
  return { decode: (value) => declared.decode(value), prepare: (values, signal) => declared.prepare(values, signal) };
}

/** The definitions of declared columns, in declared order; a column without a source is the record's field of its name. */
export function resolveColumns(columns: Columns, problems: Problems, reserved?: readonly string[]): Record<string, ColumnDefinition> {
  const resolved: Record<string, ColumnDefinition> = {};
  const entries = Object.entries(columns ?? {});
  if (entries.length === 0) problems.add("columns", "there must be at least one");
  for (const [name, column] of entries) {
    const path = `columns.${name}`;
    checkColumnName(name, path, problems, reserved);
    const declared = (column as ColumnType | undefined)?.definition;
    if (declared === undefined) {
      problems.add(path, `${describe(column)} is not a column type such as text() or int64()`);
      continue;
    }
    const definition: ColumnDefinition = { ...declared, source: declared.source ?? { in: "value", path: [name] } };
    checkColumn(definition, path, problems);
    resolved[name] = Object.freeze(definition);
  }
  checkDistinct(Object.keys(resolved).map((name) => ({ name, path: `columns.${name}` })), problems);
  return Object.freeze(resolved);
}

function checkColumn({ kind, as, scale, unit, source, optional, cleaned }: ColumnDefinition, path: string, problems: Problems): void {
  const oneOf = (what: string, value: unknown, allowed: readonly unknown[]) => {
    if (!allowed.includes(value)) problems.add(path, `${what} ${describe(value)} is none of ${allowed.map(describe).join(", ")}`);
  };
  if (kind === "int64") oneOf("int64 as", as, ["number", "bigint"]);
  if (kind === "timestamp") oneOf("a timestamp's unit", unit, ["s", "ms", "us", "iso"]);
  if (kind === "decimal") {
    oneOf("decimal as", as, ["number", "string"]);
    if (!Number.isInteger(scale) || scale! < 0 || scale! > 18) problems.add(path, `a decimal's scale is a whole number from 0 to 18, not ${describe(scale)}`);
  }
  if (cleaned !== undefined && (typeof cleaned.name !== "string" || cleaned.name === "" || typeof cleaned.clean !== "function")) {
    problems.add(path, "cleaning a text takes a name and a function from text to text");
  }
  if (source.in === "value" && (source.path.length === 0 || source.path.some((step) => typeof step !== "string" || step === ""))) {
    problems.add(path, `the path ${JSON.stringify(source.path)} has an empty step`);
  }
  if (source.in === "header" && (typeof source.name !== "string" || source.name === "")) problems.add(path, "a header needs its name");
  if (source.in === "appendedAt" && (kind !== "timestamp" || optional)) problems.add(path, "appendedAt is a timestamp that is never null");
}
