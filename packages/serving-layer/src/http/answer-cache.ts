import { createHash } from "node:crypto";
import type { Answer, Envelope } from "../query/answer.js";
import type { PreparedQuery } from "../serving.js";
import { BoundedCache } from "../sharing/bounded-cache.js";
import { SharedCall } from "../sharing/shared-call.js";

/** An answer as it is sent. */
export interface AnswerText {
  /** Equal for equal rows and completeness, whoever made them: 16 hex characters. */
  readonly id: string;
  /** `{"rows":[...],"envelope":{...}}`, exactly as `millrace query --json` prints it. */
  readonly text: string;
  /** The same with `types`: which columns are text in JSON only. */
  readonly typedText: string;
  readonly from: "cache" | "shared" | "executed";
}

/** Rows in the state that they were made from. */
interface Kept {
  readonly state: string;
  readonly id: string;
  readonly rows: string;
  readonly types: string;
}

/**
 * Answers as text. An answer is given again as long as a new look finds generation and chain as they were; equal queries
 * that are being executed in one state share the execution. So nothing older than the look is ever given, and every
 * envelope is that of the asker's own look.
 *
 * Memory: `maxBytes` of text (two bytes a character at most), the least recently used go first; incomplete answers are
 * not kept.
 */
export class AnswerCache {
  readonly #kept: BoundedCache<Kept>;
  readonly #running = new Map<string, { readonly state: string; readonly call: SharedCall<Executed> }>();

  constructor(maxBytes: number) {
    this.#kept = new BoundedCache(maxBytes, bytesOf);
  }

  /** @throws {UnservableError} @throws {RowLimitError} */
  async ask(query: Pick<PreparedQuery, "key" | "look">, signal: AbortSignal): Promise<AnswerText> {
    const look = await query.look(signal);
    const kept = this.#kept.get(query.key);
    if (kept?.state === look.state) return textOf(kept, look.envelope, "cache");
    const running = this.#running.get(query.key);
    if (running?.state === look.state && !running.call.abandoned) {
      const { made, envelope } = await running.call.join(signal);
      return textOf(made, envelope, "shared");
    }
    const call = new SharedCall(async (own) => {
      const answer = await look.answer(own);
      const made = keep(look.state, answer);
      if (answer.envelope.complete) this.#kept.set(query.key, made);
      return { made, envelope: answer.envelope };
    });
    const entry = { state: look.state, call };
    this.#running.set(query.key, entry);
    void call.start().then(() => {
      if (this.#running.get(query.key) === entry) this.#running.delete(query.key);
    });
    const { made, envelope } = await call.join(signal);
    return textOf(made, envelope, "executed");
  }
}

interface Executed {
  readonly made: Kept;
  readonly envelope: Envelope;
}

const bytesOf = ({ rows, types, state }: Kept, key: string): number => 2 * (key.length + rows.length + types.length + state.length);

/** JSON in which a bigint is text, as exact values are in every JSON of Millrace. */
const toJson = (value: unknown): string => JSON.stringify(value, (_key, entry: unknown) => (typeof entry === "bigint" ? entry.toString() : entry));

function keep(state: string, { rows, envelope }: Answer<Record<string, unknown>>): Kept {
  const text = toJson(rows);
  const types = JSON.stringify(typesOf(rows));
  const id = createHash("sha256").update(`${envelope.complete} ${types} ${text}`).digest("hex").slice(0, 16);
  return { state, id, rows: text, types };
}

function textOf({ id, rows, types }: Kept, envelope: Envelope, from: AnswerText["from"]): AnswerText {
  const told = JSON.stringify(envelope);
  return {
    id,
    get text() {
      return `{"rows":${rows},"envelope":${told}}`;
    },
    get typedText() {
      return `{"rows":${rows},"envelope":${told},"types":${types}}`;
    },
    from,
  };
}

/**
 * The columns whose values JSON has no type for, and which: `instant` for a `Date`, `bigint`. A column in which such
 * values stand beside others is left out: it is what its JSON is. Parts of a split have the type of their measure.
 */
function typesOf(rows: readonly Record<string, unknown>[]): Readonly<Record<string, "instant" | "bigint">> {
  const types: Record<string, "instant" | "bigint"> = {};
  for (const column of Object.keys(rows[0] ?? {})) {
    let type: string | undefined;
    for (const row of rows) {
      const value = row[column];
      if (value === null) continue;
      const own = value instanceof Date ? "instant" : typeof value;
      if (type === undefined) type = own;
      else if (type !== own) type = "mixed";
    }
    if (type === "instant" || type === "bigint") types[column] = type;
  }
  return types;
}
