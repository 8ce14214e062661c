import { roleLockConformance } from "@millrace/core/testing";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { pidRoleLock } from "./pid-role-lock.js";

describe("pidRoleLock", () => {
  roleLockConformance(it, async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "millrace-roles-"));
    return {
      lock: pidRoleLock(dir),
      another: () => pidRoleLock(dir),
      dieHolding: async (role) => {
        const { pid } = spawnSync(process.execPath, ["-e", ""]);
        mkdirSync(dir, { recursive: true });
        writeFileSync(path.join(dir, `${role}.lock`), `${pid} gone\n`);
      },
      dispose: () => rm(dir, { recursive: true, force: true }),
    };
  });

  it("goes to exactly one of many processes that find it with a dead holder at the same time", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "millrace-roles-"));
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const script = `
      const { pidRoleLock } = await import(${JSON.stringify(new URL("./pid-role-lock.ts", import.meta.url).href)});
      process.stdout.write("ready\\n");
      for await (const line of (await import("node:readline")).createInterface({ input: process.stdin })) {
        await pidRoleLock(${JSON.stringify(dir)}).acquire("speed").then(() => console.log("acquired"), ({ name }) => console.log(name));
      }`;
    const rivals = Array.from({ length: 4 }, () => spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }));
    const lines = rivals.map((rival) => createInterface({ input: rival.stdout })[Symbol.asyncIterator]());
    const next = async () => Promise.all(lines.map(async (each) => (await each.next()).value as string));
    try {
      expect(await next()).toEqual(rivals.map(() => "ready"));
      for (let round = 0; round < 40; round++) {
        writeFileSync(path.join(dir, "speed.lock"), `${pid} round-${round}\n`);
        for (const rival of rivals) rival.stdin.write("go\n");
        const outcomes = (await next()).sort();
        expect(outcomes).toEqual(["RoleTakenError", "RoleTakenError", "RoleTakenError", "acquired"]);
      }
      expect(readdirSync(dir)).toEqual(["speed.lock"]);
    } finally {
      for (const rival of rivals) rival.kill();
      await rm(dir, { recursive: true, force: true });
    }
  });
});
