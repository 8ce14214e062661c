import assert from "node:assert/strict";
import { MillraceError } from "../errors/millrace-error.js";

/** The runner's way to declare a test: vitest's, jest's or node:test's `it` all fit. */
export type It = (name: string, run: () => Promise<void>) => unknown;

/** Law id -> why this implementation does not keep it. A waived law must fail: one that holds needs no waiver. */
export type Waivers = Readonly<Record<string, string>>;

/** A sentence every implementation of a port must keep, and its proof on one fresh subject. */
export interface Law<S> {
  /** Stable: waivers name it. */
  readonly id: string;
  /** What must be true, for whoever reads the report. */
  readonly says: string;
  /** What an implementation that breaks it can do, in one sentence. */
  readonly advice?: string;
  readonly prove: (subject: S) => Promise<void>;
}

/** What a kit's factory gives, whatever port it proves. */
export interface Subject {
  /** Releases what the factory made: called after each law, also a failed one. */
  readonly dispose?: () => Promise<void>;
}

/** Declares one test a law, and one that checks the waivers. Each law gets a subject of its own. */
export function declareLaws<S extends Subject>(kit: string, it: It, laws: readonly Law<S>[], create: () => Promise<S>, waivers: Waivers): void {
  const prove = async (law: Law<S>): Promise<void> => {
    const subject = await create();
    try {
      await law.prove(subject);
    } finally {
      await subject.dispose?.();
    }
  };
  it(`${kit}: waivers name laws and give reasons`, async () => {
    for (const [id, reason] of Object.entries(waivers)) {
      assert.ok(laws.some((law) => law.id === id), `there is no law "${id}" to waive; laws are ${laws.map((law) => law.id).join(", ")}`);
      assert.ok(reason.trim() !== "", `the waiver of "${id}" gives no reason`);
    }
  });
  for (const law of laws) {
    const reason = waivers[law.id];
    if (reason === undefined) it(`${kit}: ${law.says} [${law.id}]`, () => prove(law).catch((error: unknown) => Promise.reject(brokenLaw(kit, law, error))));
    else {
      it(`${kit}: waived [${law.id}]: ${reason}`, async () => {
        await assert.rejects(prove(law), () => true, `"${law.id}" holds: remove its waiver`);
      });
    }
  }
}

/** What the author of an implementation reads: the law, what was found, what to do. The failure itself is the cause. */
function brokenLaw(kit: string, { id, says, advice }: Law<never>, error: unknown): Error {
  // What a property found lies in the cause of what fast-check throws, which says how to repeat it.
  const inner = error instanceof Error && error.cause instanceof Error ? `${error.cause.message}\n` : "";
  const found = `${inner}${error instanceof Error ? error.message : String(error)}`.replace(/\s*Hint: Enable verbose mode.*$/s, "").trim();
  const lines = [`${kit} law "${id}" is broken`, `  the law:    ${says}`, `  found:      ${found.replaceAll("\n", "\n              ")}`];
  // An error of Millrace's own knows better than the law what it is about: an overflow, for example.
  const own = [error, error instanceof Error ? error.cause : undefined].find((each) => each instanceof MillraceError)?.advice ?? advice;
  if (own !== undefined) lines.push(`  what to do: ${own}`);
  // What a runner can show as a difference, it is given.
  const compared = error instanceof assert.AssertionError ? { actual: error.actual, expected: error.expected } : {};
  return Object.assign(new assert.AssertionError({ message: lines.join("\n"), ...compared }), { cause: error });
}

/** A hook that a law needs and the subject may lack. */
export function needed<T>(hook: T | undefined, name: string): T {
  assert.ok(hook !== undefined, `this law needs the subject's "${name}": provide it, or waive the law with a reason`);
  return hook;
}

/** Whether `promise` rejects with an error of `name` (a class name) or, without one, at all. */
export async function rejectsWith(promise: Promise<unknown>, name: string | undefined, doing: string): Promise<void> {
  let error: unknown;
  try {
    await promise;
  } catch (caught) {
    error = caught;
  }
  assert.ok(error !== undefined, `${doing} must fail${name === undefined ? "" : ` with ${name}`}, but resolved`);
  if (name !== undefined) assert.equal((error as Error).name, name, `${doing} must fail with ${name}, but failed with ${String(error)}`);
}

/** Fails a law that would wait for ever. Real time: only what hangs ever waits for it. */
export async function within<T>(ms: number, doing: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new assert.AssertionError({ message: `${doing} took longer than ${ms} ms` })), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
