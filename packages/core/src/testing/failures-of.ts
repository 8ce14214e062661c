import type { It } from "./law.js";

/** Runs a kit as a runner would and gives what the laws that do not hold say, by the name in their brackets. For tests of kits. */
export async function failuresOf(declare: (it: It) => void): Promise<Readonly<Record<string, string>>> {
  const tests: (readonly [name: string, run: () => Promise<void>])[] = [];
  declare((name, run) => tests.push([name, run]));
  const failures: Record<string, string> = {};
  for (const [name, run] of tests) {
    await run().catch((error: unknown) => {
      failures[/\[([\w-]+)\]$/.exec(name)?.[1] ?? name] = (error as Error).message;
    });
  }
  return failures;
}
