import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { DEPLOYMENT_VARIABLES } from "../../examples/music-events/src/platforms/deployment.js";
import { TOPICS } from "../../examples/music-events/src/simulator/simulated-event.js";
import { SPARK_VERSION } from "../../tools/servers/src/spark/install-spark.js";
import { root } from "../packages.mjs";
import { DOCKER, isOneShot, memoryOf, readCompose, servicesOf } from "./compose-file.js";
import { configFiles } from "./config-files.js";

const { services, volumes } = await readCompose();
const PROFILES = ["speed", "batch", "bi", "all", "monitoring"];
const all = Object.entries(services);
const run = promisify(execFile);

describe.each(all)("%s", (name, service) => {
  it("has a pinned image, limits, and no rights", () => {
    expect(service.image).toMatch(service.build ? /^millrace\/[a-z]+:\d+\.\d+\.\d+$/ : /^[a-z]+(\/[a-z]+)?:v?\d+\.\d+\.\d+$/);
    expect(memoryOf(service)).toBeGreaterThan(100);
    expect([service.cap_drop, service.security_opt]).toEqual([["ALL"], ["no-new-privileges:true"]]);
  });

  it("says when it is healthy, or runs to its end and is waited for", () => {
    const waitedFor = all.flatMap(([, { depends_on = {} }]) => (depends_on[name] ? [depends_on[name].condition] : []));
    if (isOneShot(service) && !service.profiles.includes("dashboards")) expect([...new Set(waitedFor)]).toEqual(["service_completed_successfully"]);
    else if (!isOneShot(service)) {
      expect(service.healthcheck?.test.length).toBeGreaterThan(1);
      expect(waitedFor.filter((condition) => condition !== "service_healthy")).toEqual([]);
    }
  });

  it("is published on this machine alone", () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("mounts what there is", () => {
    for (const mount of service.volumes ?? []) {
      const [from = "", to] = mount.split(":");
      expect(to, mount).toMatch(/^\//);
      if (!from.startsWith(".")) expect(Object.keys(volumes), mount).toContain(from);
      else expect([existsSync(path.join(DOCKER, from)), mount.endsWith(":ro")], mount).toEqual([true, true]);
    }
    if (service.env_file !== undefined) expect(existsSync(path.join(DOCKER, service.env_file))).toBe(true);
  });

  it("is built of a stage that there is, by a user of its own", async () => {
    if (service.build === undefined) return;
    const file = await readFile(path.join(DOCKER, service.build.context, service.build.dockerfile), "utf8");
    const stage = file.split(/^FROM /m).find((text) => new RegExp(`^\\S+ AS ${service.build!.target}\n`).test(text));
    expect(stage).toMatch(/^USER 10001:10001$/m);
    expect(service.user).toBeUndefined();
  });

  it("has in its folder of settings what its command names", () => {
    const mount = service.volumes?.find((each) => each.includes(":/etc/millrace:"))?.split(":")[0];
    for (const [, file] of (service.command ?? []).join(" ").matchAll(/\/etc\/millrace\/([\w.-]+)/g)) expect(existsSync(path.join(DOCKER, mount!, file!)), file).toBe(true);
  });
});

describe.each(PROFILES)("profile %s", (profile) => {
  const members = servicesOf(services, profile);

  it("has everything that its services wait for", () => {
    const names = members.map(([name]) => name);
    expect(names.length).toBeGreaterThan(1);
    for (const [name, { depends_on = {} }] of members) for (const needed of Object.keys(depends_on)) expect(names, `${name} waits for ${needed}`).toContain(needed);
  });

  it("leaves 1 GB of a laptop of 16 GB, with monitoring beside it", () => {
    const sum = (each: typeof members): number => each.filter(([, service]) => !isOneShot(service)).reduce((total, [, service]) => total + memoryOf(service), 0);
    const once = members.filter(([, service]) => isOneShot(service)).map(([, service]) => memoryOf(service));
    expect(sum(members) + Math.max(0, ...once) + (profile === "monitoring" ? 0 : sum(servicesOf(services, "monitoring")))).toBeLessThanOrEqual(15 * 1024);
  });
});

it("has the ports and profiles of the reference", () => {
  const published = Object.fromEntries(all.flatMap(([name, { ports = [] }]) => ports.map((port) => [port.split(":")[1], name])));
  expect(published).toMatchObject({ 8080: "spark-master", 8082: "presto", 8083: "airflow", 8089: "superset", 9042: "cassandra-1", 9092: "kafka", 9870: "namenode", 10000: "spark-thrift" });
  expect(Object.keys(published).length).toBe(all.flatMap(([, { ports = [] }]) => ports).length);
  expect([...new Set(all.flatMap(([, { profiles }]) => profiles))].sort()).toEqual([...PROFILES, "dashboards"].sort());
  const named = (profile: string): readonly string[] => servicesOf(services, profile).map(([name]) => name);
  expect(named("batch")).toEqual(expect.arrayContaining([...named("speed")]));
  expect(named("all")).toEqual(all.map(([name]) => name).filter((name) => ![...named("monitoring"), ...named("dashboards")].includes(name)));
});

it("gives each of Millrace's variables that name a server", () => {
  const given = services["speed"]!.environment!;
  const servers = Object.entries(DEPLOYMENT_VARIABLES).filter(([, value]) => value.includes("127.0.0.1"));
  for (const [name, value] of servers) expect(given[name], name).toMatch(value.startsWith("hdfs:") ? /^hdfs:\/\/namenode:8020$/ : /^[a-z\d-]+:\d+(,[a-z\d-]+:\d+)*$/);
  expect(given["MILLRACE_PLATFORM"]).toBe("cluster");
  for (const name of ["ingest", "serving", "airflow-scheduler", "airflow"]) expect(services[name]!.environment, name).toMatchObject(Object.fromEntries(servers.map(([variable]) => [variable, given[variable]])));
});

it("has the settings of the servers that are plain processes", async () => {
  const entries = await readdir(path.join(DOCKER, "config"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const there = Object.fromEntries(await Promise.all(files.map(async (file) => [path.relative(path.join(DOCKER, "config"), file).replaceAll(path.sep, "/"), await readFile(file, "utf8")] as const)));
  expect(there, "run npm run docker:config").toEqual(configFiles());
});

it("has the versions of the servers that are plain processes", async () => {
  const pom = async (server: string, name: string): Promise<string> => new RegExp(`<${name}.version>(.*)</`).exec(await readFile(path.join(root, `tools/servers/src/${server}/pom.xml`), "utf8"))![1]!;
  expect([services["kafka"]!.image, services["cassandra-1"]!.image, services["cassandra-init"]!.image]).toEqual([`apache/kafka:${await pom("kafka", "kafka")}`, ...Array.from({ length: 2 }, () => `cassandra:5.0.8`)]);
  expect(await pom("cassandra", "cassandra")).toBe("5.0.8");
  expect(await readFile(path.join(DOCKER, "images/jvm.Dockerfile"), "utf8")).toContain(`ARG SPARK_VERSION=${SPARK_VERSION}\n`);
});

it("asks for the topics that the simulator has", async () => {
  const [, list] = /TOPICS = \[(.*)\]/.exec(await readFile(path.join(DOCKER, "health/topics.mjs"), "utf8"))!;
  expect(list!.match(/\w+/g)?.sort()).toEqual([...TOPICS].sort());
});

it("reads metrics where layers tell them", async () => {
  const { scrape_configs } = parse(await readFile(path.join(DOCKER, "prometheus/prometheus.yml"), "utf8")) as { readonly scrape_configs: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[] };
  const targets = scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap((each) => each.targets));
  expect(targets.length).toBe(3);
  for (const target of targets) {
    const [name, port] = target.split(":") as [string, string];
    const { command = [] } = services[name]!;
    expect(command[command.indexOf("--port") + 1], target).toBe(port);
  }
});

describe("the programs", () => {
  /** A `docker` that writes down what it is asked. */
  const tried = async (): Promise<{ readonly call: (program: string, ...args: readonly string[]) => Promise<{ readonly stdout: string; readonly stderr: string }>; readonly asked: () => Promise<readonly string[]>; readonly env: () => Promise<string>; readonly folder: string }> => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "millrace-docker-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const name of ["options.sh", "setup.sh", "startup.sh", "shutdown.sh"]) await writeFile(path.join(folder, name), await readFile(path.join(DOCKER, name)), { mode: 0o755 });
    await writeFile(path.join(folder, "docker"), `#!/bin/sh\necho "$*" >> "${folder}/asked"\ncase "$*" in *" up "*) echo "$MILLRACE_PRESTO" >> "${folder}/presto";; *"ps --services"*) echo serving; echo superset;; esac\n`, { mode: 0o755 });
    const asked = async (): Promise<readonly string[]> => (await readFile(path.join(folder, "asked"), "utf8")).trim().replaceAll(folder, "FOLDER").split("\n");
    return { call: (program, ...args) => run(path.join(folder, program), args, { env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` } }), asked, env: () => readFile(path.join(folder, ".env"), "utf8"), folder };
  };

  it.each(["setup.sh", "startup.sh", "shutdown.sh"])("%s tells its options, and refuses others", async (program) => {
    const { call } = await tried();
    expect((await call(program, "--help")).stdout).toContain(`Usage: docker/${program} [--profile NAME]...`);
    await expect(call(program, "--profile", "everything")).rejects.toThrow('there is no profile "everything": there are speed batch bi all monitoring');
    await expect(call(program, "--profile")).rejects.toThrow("--profile wants a name");
    await expect(call(program, "--now")).rejects.toThrow('there is no option "--now"');
  });

  it("set up makes secrets once, for this user alone, and starts nothing", async () => {
    const { call, asked, env, folder } = await tried();
    await call("setup.sh", "--profile", "speed", "--profile=monitoring");
    expect(await asked()).toEqual(["compose version", ...["build", "pull --ignore-buildable", "create"].map((what) => `compose --project-directory FOLDER --profile speed --profile monitoring ${what}`)]);
    const first = await env();
    expect(first).toMatch(/^MILLRACE_TOKEN=[\da-f]{48}\nAIRFLOW_JWT_SECRET=[\da-f]{96}\nSUPERSET_SECRET=[\da-f]{96}\n$/);
    expect((await run("ls", ["-l", path.join(folder, ".env")])).stdout).toMatch(/^-rw-------/);
    await call("setup.sh");
    expect(await env()).toBe(first);
  });

  it("start waits, says where things are, and fixes Airflow's first day", async () => {
    const { call, asked, env, folder } = await tried();
    await expect(call("startup.sh")).rejects.toThrow("run docker/setup.sh first");
    await call("setup.sh");
    const { stdout } = await call("startup.sh");
    expect((await asked()).slice(-3)).toEqual(["up --detach --wait --wait-timeout 900", "ps --services --status running", "run --rm --no-deps dashboards"].map((what) => `compose --project-directory FOLDER --profile all ${what}`));
    expect(await asked()).toContain("compose --project-directory FOLDER --profile all build dashboards");
    expect(stdout).toMatch(/live page +http:\/\/localhost:4280 .*\n +Superset +http:\/\/localhost:8089 +admin \/ admin\n$/);
    const first = await env();
    const [, day, until] = /\nMILLRACE_START_DATE=(\S+)\nMILLRACE_FULL_LOAD_UNTIL=(\S+)\n$/.exec(first)!;
    expect(day).toMatch(/^\d{4}-\d\d-\d\dT00:00:00\+00:00$/);
    expect(until).toMatch(/T\d\d:(00|15|30|45):00\+00:00$/);
    expect(Date.parse(until!) - Date.now()).toBeGreaterThan(10 * 60_000);
    await call("startup.sh", "--profile", "batch");
    expect(await env()).toBe(first);
    // Only where Presto runs there are merged views to replace.
    expect(await readFile(path.join(folder, "presto"), "utf8")).toBe("presto:8082\n\n");
  });

  it("shutdown keeps data, unless they are to go", async () => {
    const { call, asked, env } = await tried();
    await call("setup.sh");
    const fresh = await env();
    await call("startup.sh");
    await call("shutdown.sh", "--profile", "bi");
    await call("shutdown.sh");
    await call("shutdown.sh", "--delete-data");
    const stops = (await asked()).filter((line) => / (stop|down)/.test(line)).map((line) => line.replace("compose --project-directory FOLDER ", ""));
    expect(stops).toEqual(["--profile bi stop", "--profile all --profile monitoring stop", "--profile * down --volumes --remove-orphans"]);
    expect(await env()).toBe(fresh);
  });
});
