// Pictures of the live page over the music site's example: `npm run screenshots` writes docs/images/page-*.png.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { launchBrowser } from "./browser.mjs";
import { root } from "./packages.mjs";

const laptop = { viewport: { width: 1_440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
/** @type {readonly { readonly name: string, readonly hash?: string, readonly whole?: boolean, readonly options: import("playwright-core").BrowserContextOptions }[]} */
const PICTURES = [
  { name: "light", whole: true, options: { ...laptop, colorScheme: "light" } },
  { name: "dark", whole: true, options: { ...laptop, colorScheme: "dark" } },
  { name: "phone", options: { ...phone, colorScheme: "light" } },
  { name: "view", hash: "#/views/song_chart_minute?stack=by%3Aartist", options: { ...laptop, colorScheme: "light" } },
  { name: "questions", hash: "#/questions/top_songs?last=86400000", options: { ...laptop, colorScheme: "light" } },
  { name: "questions-dark", hash: "#/questions/users_by_gender_and_level?last=86400000", options: { ...laptop, colorScheme: "dark" } },
  { name: "trust", hash: "#/trust", whole: true, options: { ...laptop, colorScheme: "light" } },
];
/** The grid seals a segment every quarter of an hour; between these minutes after, the speed layer has a part to show. */
const MINUTES = { from: 5, until: 12 };
const START_MS = 240_000;

const data = await mkdtemp(path.join(tmpdir(), "millrace-pictures-"));
const tsx = createRequire(import.meta.url).resolve("tsx/cli");
const example = spawn(process.execPath, [tsx, "--tsconfig", "tsconfig.run.json", "src/main.ts", "--data", data, "--port", "0"], {
  cwd: path.join(root, "examples", "music-events"),
  env: { ...process.env, INIT_CWD: undefined },
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await launchBrowser();
try {
  const url = await addressOf(example);
  const from = Date.now();
  for (;;) {
    const { generations } = /** @type {{ generations: readonly unknown[] }} */ (await (await fetch(`${url}/api/generations`)).json());
    if (generations.length > 0) break;
    if (Date.now() - from > START_MS) throw new Error("taking pictures: the example published no generation");
    await delay(1_000);
  }
  for (const minute = () => new Date().getMinutes() % 15; minute() < MINUTES.from || minute() >= MINUTES.until; ) await delay(1_000);
  for (const { name, hash = "", whole = false, options } of PICTURES) {
    const page = await browser.newPage({ ...options, locale: "en-US", timezoneId: "America/New_York" });
    await page.goto(`${url}/${hash}`);
    await page.locator(".panel").first().waitFor();
    // The page's own policy forbids what would evaluate a text in it.
    await page.locator(".panel[aria-busy=true], .waiting").first().waitFor({ state: "detached" });
    await delay(1_000);
    const file = path.join(root, "docs", "images", `page-${name}.png`);
    await page.screenshot({ path: file, fullPage: whole });
    process.stdout.write(`${path.relative(root, file)}\n`);
    await page.close();
  }
} finally {
  await browser.close();
  example.kill("SIGINT");
  await new Promise((resolve) => example.once("exit", resolve));
  await rm(data, { recursive: true });
}

/** @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, null>} child */
function addressOf(child) {
  return /** @type {Promise<string>} */ (
    new Promise((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (piece) => {
        text = (text + String(piece)).slice(-10_000);
        const url = /live page on (\S+)/.exec(text)?.[1];
        if (url !== undefined) resolve(url);
      });
      child.once("exit", (code) => reject(new Error(`taking pictures: the example ended with ${code}`)));
    })
  );
}
