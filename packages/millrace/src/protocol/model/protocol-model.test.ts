import { describe, expect, it } from "vitest";
import { explainFailure, findFailure } from "./find-failure.js";
import { MUTATIONS } from "./mutations.js";
import { ALL_RULES } from "./rules.js";
import type { Rules } from "./rules.js";
import { runHistory } from "./history.js";
import { scheduleOf } from "./schedule.js";
import { NOT_OVERLAPPING, VARIANTS } from "./variant.js";

// MILLRACE_SEED is the first history, MILLRACE_MODEL_SECONDS how long a soak looks; both are printed.
const SOAK_MS = Number(process.env["MILLRACE_MODEL_SECONDS"] ?? 0) * 1_000;
const HISTORIES = 8_000;
const GIVEN_SEED = process.env["MILLRACE_SEED"];
const FIRST_SEED = Number(GIVEN_SEED ?? (SOAK_MS > 0 ? Date.now() % 2 ** 31 : 1));
// Histories about everything, and about what each rule protects.
const FOCUSES = [{}, {}, {}, ...MUTATIONS.map(({ focus }) => focus)];
const focusOf = (seed: number) => FOCUSES[seed % FOCUSES.length]!;

describe("the segment protocol, in random histories with crashes, zombies, rollbacks, expiry and lost logs", () => {
  it.each(VARIANTS.map((variant, i) => [variant.name, variant, i] as const))(
    "answers exactly, refuses only for a reason and never for good: %s",
    (_name, variant, i) => {
      // Other histories for every variant, unless one is to be repeated.
      const first = GIVEN_SEED === undefined ? FIRST_SEED + i * HISTORIES : FIRST_SEED;
      const totals = { accepted: 0, refused: 0, incomplete: 0, comparedDrifts: 0, publications: 0, pruned: 0, refolds: 0 };
      const add = (counts: typeof totals): void => {
        for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += counts[name];
      };
      const deadline = Date.now() + SOAK_MS / VARIANTS.length;
      let from = first;
      do {
        const failed = findFailure({ from, until: from + HISTORIES, focusOf }, variant, ALL_RULES, add);
        expect(failed === undefined ? undefined : explainFailure(failed, variant, ALL_RULES, focusOf)).toBeUndefined();
        from += HISTORIES;
      } while (Date.now() < deadline);
      console.info(`${variant.name}: histories ${first} to ${from}, ${JSON.stringify(totals)}`);
      // A model in which nothing happens would pass, too.
      expect(totals.accepted).toBeGreaterThan(HISTORIES);
      for (const name of ["refused", "comparedDrifts", "publications", "pruned", "refolds"] as const) expect(totals[name], name).toBeGreaterThan(0);
      expect(totals.incomplete).toBe(0);
    },
    60_000 + SOAK_MS,
  );

  it("flags every answer for which reads may have missed writes, and answers exactly without them", () => {
    let flagged = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 2_000; seed++) {
      const { failure, counts } = runHistory(scheduleOf(seed, focusOf(seed)), NOT_OVERLAPPING, ALL_RULES);
      flagged += counts.incomplete;
      // Such a store may look broken for long: what counts is that no wrong answer passes for a right one.
      if (failure && failure.kind !== "needless refusal" && failure.kind !== "permanent refusal") {
        expect.fail(explainFailure(seed, NOT_OVERLAPPING, ALL_RULES, focusOf));
      }
    }
    expect(flagged).toBeGreaterThan(0);
  });
});

describe("the model finds what goes wrong without a rule", () => {
  it("knows every rule", () => {
    const named = new Set(MUTATIONS.flatMap(({ without }) => without));
    expect((Object.keys(ALL_RULES) as (keyof Rules)[]).filter((rule) => !named.has(rule))).toEqual([]);
  });

  it.each(MUTATIONS.map((mutation) => ({ ...mutation, name: mutation.without.join(" and ") })))("$name", ({ without, found, within, variant, focus }) => {
    const rules: Rules = { ...ALL_RULES, ...Object.fromEntries(without.map((rule) => [rule, false])) };
    // Always the same seeds: whether a rare failure is found must not depend on the day.
    const failed = findFailure({ from: 1, until: 1 + within, focusOf: () => focus }, variant, rules, () => {}, found);
    expect(failed, `nothing went wrong in ${within} histories`).toBeDefined();
  });
});
