import type { ColumnDefinition } from "../streams/column-definition.js";
import type { StreamPlan } from "../streams/stream-plan.js";
import type { DeadLetterReason } from "./dead-letter.js";

/** What a record must become: a row of inside values (bigints for exact integers, epoch ms), or a dead letter. */
export type Outcome =
  | { readonly row: Readonly<Record<string, unknown>> }
  | { readonly reason: DeadLetterReason; readonly column?: string };

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * The oracle of the decoder, for JSON: `JSON.parse` of the whole record, then column by column, as plainly as it can be
 * said. Numbers are parsed a second time as texts (`JSON.parse` rounds them), in BigInt arithmetic.
 */
export function expectedOutcome({ stream }: StreamPlan, value: Uint8Array | null, appendedAt: number): Outcome {
  if (value === null) return { reason: "null-value" };
  if (value.length > stream.maxRecordBytes) return { reason: "too-large" };
  let record: unknown;
  try {
    const text = UTF8.decode(value);
    JSON.parse(text);
    // Of valid JSON: every string, also a name, gets an "s" in front, and every number becomes its text behind an "n".
    record = JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`)));
  } catch {
    return { reason: "undecodable" };
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) return { reason: "wrong-type" };
  const row: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(stream.columns)) {
    const read = column.source.in === "appendedAt" ? appendedAt : readColumn(record, column, stream.maxTextBytes);
    if (read instanceof Refused) return { reason: read.reason, column: name };
    row[name] = read;
  }
  const eventTime = row[stream.eventTime] as number;
  const isPast = stream.maxPastMs !== null && eventTime < appendedAt - stream.maxPastMs;
  if (isPast || eventTime > appendedAt + stream.maxFutureMs) return { reason: "event-time-out-of-bounds", column: stream.eventTime };
  return { row };
}

class Refused {
  constructor(readonly reason: DeadLetterReason) {}
}

function readColumn(record: object, column: ColumnDefinition, maxBytes: number): unknown {
  if (column.source.in !== "value") throw new TypeError("the oracle reads columns of the value");
  let at: unknown = record;
  for (const step of column.source.path) {
    if (at === null || at === undefined) break;
    if (typeof at !== "object" || Array.isArray(at)) return new Refused("wrong-type");
    at = Object.hasOwn(at, `s${step}`) ? (at as Record<string, unknown>)[`s${step}`] : undefined;
  }
  if (at === null || at === undefined) return column.optional ? null : new Refused("missing");
  const text = typeof at === "string" && at.startsWith("s") ? at.slice(1) : undefined;
  const number = typeof at === "string" && at.startsWith("n") ? at.slice(1) : undefined;
  switch (column.kind) {
    case "text":
      if (text === undefined) return new Refused("wrong-type");
      return Buffer.byteLength(text) > maxBytes ? new Refused("too-long") : Buffer.from(text).toString();
    case "boolean":
      return typeof at === "boolean" ? at : new Refused("wrong-type");
    case "float64": {
      if (number === undefined) return new Refused("wrong-type");
      const double = JSON.parse(number) as number;
      return Number.isFinite(double) ? double + 0 : new Refused("out-of-range");
    }
    case "int64":
    case "decimal": {
      if (number === undefined) return new Refused("wrong-type");
      const { numerator, denominator } = fractionOf(number, column.scale ?? 0);
      if (numerator % denominator !== 0n) return new Refused(column.kind === "int64" ? "wrong-type" : "out-of-range");
      const integer = numerator / denominator;
      const isNumber = column.as === "number";
      const [least, most] = isNumber ? [-(2n ** 53n) + 1n, 2n ** 53n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
      if (integer < least || integer > most) return new Refused("out-of-range");
      return integer;
    }
    case "timestamp": {
      if (column.unit === "iso") {
        if (text === undefined) return new Refused("wrong-type");
        return isoOf(text) ?? new Refused("wrong-type");
      }
      if (number === undefined) return new Refused("wrong-type");
      const { numerator, denominator } = fractionOf(number, column.unit === "s" ? 3 : column.unit === "us" ? -3 : 0);
      const floored = numerator / denominator - (numerator < 0n && numerator % denominator !== 0n ? 1n : 0n);
      return floored > 8_640_000_000_000_000n || floored < -8_640_000_000_000_000n ? new Refused("out-of-range") : Number(floored);
    }
  }
}

/** `text * 10^scale` as a fraction. Exponents beyond 400 stand for "far away", in either direction. */
function fractionOf(text: string, scale: number): { numerator: bigint; denominator: bigint } {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = BigInt(whole.replace("-", "") + fraction) * (text.startsWith("-") ? -1n : 1n);
  const power = Math.max(-400, Math.min(400, Number(exponent))) - fraction.length + scale;
  return power >= 0 ? { numerator: digits * 10n ** BigInt(power), denominator: 1n } : { numerator: digits, denominator: 10n ** BigInt(-power) };
}

function isoOf(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [, day = "", time = "", fraction = "", zone = ""] = match;
  const utc = Date.parse(`${day}T${time}Z`);
  // Date.parse takes hour 24, and may turn a day that does not exist into another one.
  if (Number.isNaN(utc) || new Date(utc).toISOString() !== `${day}T${time}.000Z`) return undefined;
  const [hours = 0, minutes = 0] = zone === "Z" ? [] : zone.slice(1).split(":").map(Number);
  if (hours > 23 || minutes > 59) return undefined;
  return utc + Number(fraction.padEnd(3, "0").slice(0, 3)) - (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

