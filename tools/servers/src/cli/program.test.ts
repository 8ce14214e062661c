import { describe, expect, it, vi } from "vitest";
import { describeError } from "./describe-error.js";
import { MissingToolError } from "../errors/missing-tool-error.js";
import { createProgram } from "./program.js";

describe.each([
  ["up oracle", "Allowed choices are kafka, cassandra, hdfs, metastore, spark"],
  ["up", "missing required argument 'servers'"],
  ["up kafka --brokers 2", "Allowed choices are 1, 3"],
  ["up cassandra --nodes 4", "Allowed choices are 1, 2, 3"],
  ["up kafka --kafka-port 0", "a port is a number from 1 to 65535"],
  ["up kafka --sasl kerberos", "Allowed choices are plain, scram-sha-256, scram-sha-512"],
  ["logs kafka --lines none", "a number of lines is 1 or more"],
  ["start kafka", "unknown command 'start'"],
])("servers %s", (typed, said) => {
  it("is refused before anything is started", async () => {
    const errors: string[] = [];
    const program = createProgram();
    for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: (text) => errors.push(text) });
    await expect(program.parseAsync(["node", "servers", ...typed.split(" ")])).rejects.toThrow();
    expect(errors.join("")).toContain(said);
  });
});

it("an error is told with its causes and what to do", () => {
  const error = new MissingToolError("mvn", "installing kafka", { cause: new Error("spawn mvn ENOENT"), advice: "install Maven" });
  expect(describeError(error)).toBe('error: installing kafka: "mvn" is not there\nwhat to do: install Maven\n  because: spawn mvn ENOENT');
});

it("shows its help without starting anything", () => {
  const write = vi.fn();
  createProgram().configureOutput({ writeOut: write }).outputHelp();
  expect(write.mock.calls.join("")).toMatch(/up .*\n[^]*status[^]*logs[^]*kill[^]*down/);
});
