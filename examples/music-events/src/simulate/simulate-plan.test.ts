import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { simulateCommand, type SimulateFlags } from "./simulate-command.js";
import { planSimulate, SimulateUsageError } from "./simulate-plan.js";

const NOW_MS = Date.UTC(2025, 5, 15, 12, 0, 0, 789);
const plan = (line: string, here = "/here") => planSimulate(simulateCommand().parse(line.split(" ").filter((word) => word !== ""), { from: "user" }).opts<SimulateFlags>(), NOW_MS, here);

function problemsOf(line: string, here?: string): readonly string[] {
  try {
    plan(line, here);
  } catch (error) {
    expect(error).toBeInstanceOf(SimulateUsageError);
    return (error as SimulateUsageError).problems;
  }
  return [];
}

describe("planSimulate", () => {
  it("reads the options, those with eventsim's names too", () => {
    const expected = {
      options: { seed: 11, users: 3_000, startMs: Date.UTC(2025, 0, 6), growthRate: 0.5, attritionRate: 0.1, firstUserId: 7, tag: "a", holidays: false, traps: ["late", "malformed"] },
      untilMs: Date.UTC(2025, 1, 3),
      continuous: false,
      target: { kind: "ndjson", dir: "/here/there" },
    };
    expect(plan("--config alt --nusers 3000 --from 2025-01-06T00:00:00Z --until 2025-02-03 --seed 11 --growth-rate 0.5 --attrition-rate 0.1 --userid 7 --tag a --no-holidays --traps malformed,late --out there")).toMatchObject(expected);
    expect(plan("-c alt -n 3000 -s 2025-01-06T00:00:00 -e 2025-02-03T00:00:00 -r 11 -g 0.5 -a 0.1 -u 7 --tag a --no-holidays --traps late,malformed --to ndjson --out there")).toMatchObject(expected);
    expect(plan("--config alt").options.config).toMatchObject({ source: "alt", seed: 2 });
  });

  it("has defaults: the configuration's seed, a fortnight that ended yesterday", () => {
    const days = 86_400_000;
    const { options, untilMs, target } = plan("--config alt");
    expect(options).toMatchObject({ seed: 2, users: 1_000, startMs: Date.UTC(2025, 5, 15, 12) - 15 * days, holidays: true, traps: [] });
    expect([untilMs, target]).toEqual([Date.UTC(2025, 5, 15, 12) - days, { kind: "ndjson", dir: "/here/output" }]);
    expect(plan("--continuous --from 0.5 --to log")).toMatchObject({
      options: { startMs: Date.UTC(2025, 5, 15) },
      untilMs: Infinity,
      continuous: true,
      target: { kind: "log", dir: "/here/data" },
    });
    expect(plan("--to kafka").target).toEqual({ kind: "kafka", brokers: ["127.0.0.1:9092"] });
    expect(plan("--to kafka --brokers kafka-1:9092,kafka-2:19092").target).toEqual({ kind: "kafka", brokers: ["kafka-1:9092", "kafka-2:19092"] });
    expect(problemsOf("--to kafka --brokers kafka-1")).toEqual(['--brokers must be addresses such as kafka-1:9092 with commas between, but is "kafka-1"']);
  });

  it("takes from the configuration what the command line does not say", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "simulate-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const home = { page: "Home", method: "GET", status: 200, auth: "Logged In", level: "free" };
    const file = {
      "start-date": "2015-06-25T00:00:00", "end-date": "2015-06-26T00:00:00", "n-users": 3, seed: 5, "growth-rate": 0.25,
      levels: [{ level: "free", weight: 1 }], auths: [{ auth: "Logged In", weight: 1 }], "show-user-details": [],
      "new-session": [{ ...home, weight: 1 }], transitions: [{ source: home, dest: home, p: 0.5 }],
    };
    await writeFile(path.join(dir, "own.json"), JSON.stringify(file));
    expect(problemsOf("--config own.json", dir)).toEqual(['growthRate is above 0, but new-session of configuration "' + path.join(dir, "own.json") + '" has no page for its new users, of auth "Guest" and level "free"']);
    const day = [Date.UTC(2015, 5, 25), Date.UTC(2015, 5, 26)];
    const own = plan("--config own.json -g 0", dir);
    expect([own.options.startMs, own.untilMs, own.options.users, own.options.seed]).toEqual([...day, 3, 5]);
    const said = plan("--config own.json -g 0 -n 9 --until 2015-06-25T12:00:00Z --seed 1", dir);
    expect([said.options.startMs, said.untilMs, said.options.users, said.options.seed]).toEqual([day[0], day[0]! + 43_200_000, 9, 1]);
  });

  it("tells all mistakes at once, those of the configuration file with their paths", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "simulate-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await writeFile(path.join(dir, "bad.json"), '{"alpha":-1,"transitions":[]}');
    expect(problemsOf("--config bad.json -n 0 -g -1 --userid x --seed 1 -r 1.5 --from today --traps late,slow --to pulsar", dir)).toEqual([
      "--config bad.json: transitions: must have at least one entry",
      "--config bad.json: alpha: must be a number above 0, but is -1",
      "--config bad.json: auths: must be a list, but is missing",
      "--config bad.json: levels: must be a list, but is missing",
      "--config bad.json: show-user-details: must be a list, but is missing",
      "--config bad.json: new-session: must be a list, but is missing",
      '--nusers must be a whole number of at least 1, but is "0"',
      '--growth-rate must be a number of at least 0, but is "-1"',
      '--from must be a time such as 2025-01-06T00:00:00Z or a number of days ago, but is "today"',
      '--userid must be a number, but is "x"',
      "--seed and --randomseed are two names of one option: give one of them",
      '--randomseed must be a whole number, but is "1.5"',
      '--traps: there is no trap "slow"; there are double-encoding, quoted-user-agents, local-time-as-utc, late, duplicates, malformed, and all',
      '--to must be ndjson, log or kafka, but is "pulsar"',
    ]);
    expect(problemsOf("--from 2025-01-02 --until 2025-01-01")).toEqual(["--until must be after --from, but 2025-01-01T00:00:00.000Z is not after 2025-01-02T00:00:00.000Z"]);
    expect(problemsOf("--config nowhere.json")).toEqual(["--config nowhere.json: there is no such file, and the names are example and alt"]);
  });
});
