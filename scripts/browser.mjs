// The system's Chromium, for the tests of the live page and for its pictures.
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** The file of a Chromium: `MILLRACE_BROWSER`, or the first that is found. */
export function findBrowser(env = process.env) {
  const named = env["MILLRACE_BROWSER"];
  if (named !== undefined && named !== "") return named;
  const folders = (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const found = [...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...PLACES].find(canRun);
  if (found === undefined) {
    throw new Error("the live page is tested in a browser, and none was found: install Chromium (Debian and Ubuntu: `apt-get install chromium`), or name one with the environment variable MILLRACE_BROWSER");
  }
  return found;
}

/** Starts it without a window. */
export const launchBrowser = () =>
  chromium.launch({
    executablePath: findBrowser(),
    // Chromium's sandbox refuses to run as root, which containers do.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-dev-shm-usage"],
  });

function canRun(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
