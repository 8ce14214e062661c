// What a user receives: every published package is packed, installed into an empty project and used from there.
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPackages, root } from "./packages.mjs";

const packages = readPackages();
const specifiers = packages.flatMap(({ entryPoints }) => entryPoints.map(({ specifier }) => specifier));
const commands = packages.flatMap(({ bin }) => Object.keys(bin));

let workspace = "";
let project = "";
/** package name -> tarball */
let tarballs = new Map<string, string>();

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly stdout: string;
}

// npm hands its own settings to what it starts; a nested npm would take this repository for its project.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_(package|lifecycle|config_(local_prefix|workspace|include_workspace))|NODE_OPTIONS$|VITEST)/.test(name)),
);

function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env: { ...env, NO_COLOR: "1", FORCE_COLOR: "0" }, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, output: [stdout, stderr, error !== null && typeof error.code !== "number" ? error.message : ""].join("\n").trim() });
    });
  });
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output, stdout } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${path.basename(command)} ${args.join(" ")} ended with ${code}\n${output}`);
  return stdout;
}

const tool = (name: string): string => path.join(root, "node_modules", ".bin", name);

const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, "utf8")) as T;

interface Manifest {
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), "millrace-packed-")));
  project = path.join(workspace, "project");
  await mkdir(project);
  await succeed(process.execPath, [path.join(root, "scripts", "build.mjs"), "--quiet"], root);

  const packed = await succeed(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", workspace, ...packages.flatMap(({ name }) => ["--workspace", name])],
    root,
  );
  const list = JSON.parse(packed) as readonly { readonly name: string; readonly filename: string }[];
  tarballs = new Map(list.map(({ name, filename }) => [name, path.join(workspace, filename)]));

  const manifests = await Promise.all([root, ...packages.map(({ dir }) => dir)].map((dir) => readJson<Manifest>(path.join(dir, "package.json"))));
  const peers = Object.assign({}, ...manifests.map(({ peerDependencies }) => peerDependencies ?? {})) as Record<string, string>;
  await writeFile(
    path.join(project, "package.json"),
    JSON.stringify({
      name: "consumer",
      private: true,
      // Peers, the optional ones too, because every entry point is to be loaded.
      dependencies: { ...peers, ...Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`])) },
      devDependencies: { "@types/node": manifests[0]?.devDependencies?.["@types/node"] },
    }),
  );
  await succeed("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"], project);
}, 180_000);

afterAll(async () => {
  if (workspace !== "") await rm(workspace, { recursive: true, force: true });
});

/** Loads every entry point in a fresh process and reports the exported names, or the error, of each. */
async function load(file: string, statement: string): Promise<Record<string, readonly string[] | string>> {
  await writeFile(
    path.join(project, file),
    `(async () => {
  const seen = {};
  for (const specifier of ${JSON.stringify(specifiers)}) {
    try {
      const names = Object.keys(${statement});
      seen[specifier] = names.filter((name) => !["default", "__esModule", "module.exports"].includes(name)).sort();
    } catch (error) {
      seen[specifier] = String(error?.stack ?? error);
    }
  }
  process.stdout.write(JSON.stringify(seen), () => process.exit(0));
})();\n`,
  );
  return JSON.parse(await succeed(process.execPath, [file], project)) as Record<string, readonly string[] | string>;
}

function failures(loaded: Record<string, readonly string[] | string>): readonly string[] {
  return Object.entries(loaded).flatMap(([specifier, names]) => (typeof names === "string" ? [`${specifier}: ${names}`] : []));
}

describe("the packed packages", () => {
  it("are all packed", () => {
    expect([...tarballs.keys()].sort()).toEqual(packages.map(({ name }) => name).sort());
  });

  it("load through import and through require, with the same names", async () => {
    const imported = await load("load.mjs", "await import(specifier)");
    const required = await load("load.cjs", "require(specifier)");
    expect(failures(imported), "import()").toEqual([]);
    expect(failures(required), "require()").toEqual([]);
    expect(required).toEqual(imported);
  });

  it.each(["node16", "nodenext"])("type-check in a consumer under %s", async (mode) => {
    const source = [...specifiers.map((specifier, index) => `import * as m${index} from "${specifier}";`), `export const all = [${specifiers.map((_, index) => `m${index}`).join(", ")}];\n`].join("\n");
    await writeFile(path.join(project, `consumer-${mode}.mts`), source);
    await writeFile(path.join(project, `consumer-${mode}.cts`), source);
    const config = `tsconfig.${mode}.json`;
    await writeFile(
      path.join(project, config),
      JSON.stringify({
        // Declarations are checked as well: a type that they name and that is not installed would silently be \`any\`.
        compilerOptions: { target: "es2022", lib: ["es2023", "esnext.disposable"], types: ["node"], module: mode, moduleResolution: mode, strict: true, exactOptionalPropertyTypes: true, esModuleInterop: true, skipLibCheck: false, noEmit: true },
        files: [`consumer-${mode}.mts`, `consumer-${mode}.cts`],
      }),
    );
    const { output, code } = await run(tool("tsc"), ["-p", config, "--pretty", "false"], project);
    // Other people's declarations may have errors of their own.
    const foreign = /^node_modules\/(?!millrace\/|@millrace\/)/;
    const ours = output.split("\n").filter((line) => /\berror TS\d+/.test(line) && !foreign.test(line));
    expect(ours).toEqual([]);
    if (code !== 0) expect(output).toMatch(/^node_modules\//m);
  });

  it.each(commands)("install the command %s, which prints its help", async (command) => {
    const { code, output } = await run(path.join(project, "node_modules", ".bin", command), ["--help"], project);
    expect(code, output).toBe(0);
  });
});

describe("a project made by create-millrace", () => {
  const made = (): string => path.join(workspace, "made");
  const create = (...args: readonly string[]) => run(path.join(project, "node_modules", ".bin", "create-millrace"), args, workspace);

  it("runs its test and type-checks as it is, and shows answers until it is stopped", async () => {
    const { code, output } = await create("made", "--no-install");
    expect(code, output).toBe(0);
    expect(output).toContain("npm start");
    const file = path.join(made(), "package.json");
    const manifest = await readJson<{ readonly name: string; readonly dependencies: Readonly<Record<string, string>> }>(file);
    expect(manifest.name).toBe("made");
    expect(manifest.dependencies["millrace"]).toBe("^0.1.0");
    await writeFile(file, JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`])) } }));
    await succeed("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error"], made());
    expect(await succeed("npm", ["test"], made())).toContain("1 passed");
    await succeed("npm", ["run", "typecheck"], made());

    const child = spawn(process.execPath, [path.join(made(), "node_modules", "tsx", "dist", "cli.mjs"), "src/main.ts"], { cwd: made(), env: { ...env, NO_COLOR: "1" } });
    let printed = "";
    const shown = new Promise<void>((resolve, reject) => {
      const take = (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes("revenue")) resolve();
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.once("exit", () => reject(new Error(`it ended on its own:\n${printed}`)));
    });
    await shown;
    child.removeAllListeners("exit");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    expect(await ended, printed).toBe(0);
    expect(printed).toMatch(/look at http:\/\/127\.0\.0\.1:\d+/);
  }, 180_000);

  it.each([
    [["made"], "is not empty"],
    [["Ärger"], "cannot be the name of a package"],
    [[], "missing required argument 'folder'"],
  ])("refuses %j: %s", async (args, why) => {
    const { code, output } = await create(...args);
    expect(code).toBe(1);
    expect(output).toContain(why);
  });
});

const tarballOf = (name: string): string => {
  const file = tarballs.get(name);
  if (file === undefined) throw new Error(`${name} was not packed`);
  return file;
};

// What is only a command has no modules.
it.each(packages.filter(({ entryPoints }) => entryPoints.length > 0).map(({ name }) => name))("%s has types that fit its modules (attw)", async (name) => {
  const { code, output } = await run(tool("attw"), [tarballOf(name), "--profile", "node16", "--no-emoji", "--no-color", "--format", "table-flipped"], workspace);
  expect(code, output).toBe(0);
});

it.each(packages.map(({ name }) => name))("%s has a sound package.json (publint)", async (name) => {
  const bytes = await readFile(tarballOf(name));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});
