import type { ConfigProblem } from "./config-error.js";

type Json = Readonly<Record<string, unknown>>;

export interface NumberLimits {
  readonly least?: number;
  /** The value must be above this. */
  readonly above?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

const described = (value: unknown): string => (value === undefined ? "is missing" : `is ${JSON.stringify(value)}`);

/** Reads a JSON object field by field and notes every mistake, so that a reader sees all of them at once. */
export class ObjectReader {
  readonly path: string;
  readonly #object: Json;
  readonly #problems: ConfigProblem[];
  readonly #known = new Set<string>();

  /** @param path of `value` in its file; empty for the file itself. */
  constructor(value: unknown, path: string, problems: ConfigProblem[]) {
    this.path = path;
    this.#problems = problems;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isObject) problems.push({ path: path || "$", message: `must be an object, but ${Array.isArray(value) ? "is a list" : described(value)}` });
    this.#object = isObject ? (value as Json) : {};
  }

  has(key: string): boolean {
    this.#known.add(key);
    return this.#object[key] !== undefined;
  }

  /** `fallback` when the key is absent, or when it is wrong and has been noted. Without one, absent is a mistake. */
  number(key: string, limits: NumberLimits, fallback?: number): number {
    const { least = -Infinity, above = -Infinity, most = Infinity, whole = false } = limits;
    const value = this.#take(key);
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "number" && value >= least && value > above && value <= most && (!whole || Number.isSafeInteger(value))) return value;
    const bounds = [least > -Infinity && `of at least ${least}`, above > -Infinity && `above ${above}`, most < Infinity && `of at most ${most}`].filter(Boolean);
    this.note(key, `must be a ${whole ? "whole " : ""}number ${bounds.join(" and ")}`.trimEnd() + `, but ${described(value)}`);
    return fallback ?? 0;
  }

  text(key: string, fallback?: string): string {
    const value = this.#take(key);
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "string" && value !== "") return value;
    this.note(key, `must be a text, but ${value === "" ? "is empty" : described(value)}`);
    return fallback ?? "";
  }

  boolean(key: string): boolean {
    const value = this.#take(key);
    if (typeof value !== "boolean") this.note(key, `must be true or false, but ${described(value)}`);
    return value === true;
  }

  /** A reader for each object of a list. */
  list(key: string, { optional = false } = {}): readonly ObjectReader[] {
    const value = this.#take(key);
    if (Array.isArray(value)) return value.map((item, index) => this.#child(item, `${key}[${index}]`));
    if (value !== undefined || !optional) this.note(key, `must be a list, but ${described(value)}`);
    return [];
  }

  object(key: string): ObjectReader {
    return this.#child(this.#take(key), key);
  }

  note(key: string, message: string): void {
    this.#problems.push({ path: this.#pathOf(key), message });
  }

  /** Notes the keys that nobody asked for: a misspelt one would otherwise be a default in silence. */
  refuseOthers(): void {
    for (const key of Object.keys(this.#object)) if (!this.#known.has(key)) this.note(key, "is not a key of this format");
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return this.#object[key];
  }

  #child(value: unknown, key: string): ObjectReader {
    return new ObjectReader(value, this.#pathOf(key), this.#problems);
  }

  #pathOf(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }
}
