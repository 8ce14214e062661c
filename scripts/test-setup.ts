import fc from "fast-check";

// MILLRACE_SEED=<number> repeats every property test with the seed that a failure printed.
const seed = process.env["MILLRACE_SEED"];
if (seed !== undefined && seed !== "") {
  const value = Number(seed);
  if (!Number.isInteger(value)) throw new Error(`MILLRACE_SEED must be an integer, but is "${seed}"`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: value });
}
