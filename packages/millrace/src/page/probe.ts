import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";

/** A page under test, and all that it must not do. */
export interface Probe extends AsyncDisposable {
  readonly page: Page;
  /** Nothing was logged as an error or a warning, nothing thrown, and no request left the origin. */
  expectClean(): void;
  /** Text of the cells of a panel's table, row by row, without its head. */
  rows(panel: string): Promise<readonly (readonly string[])[]>;
}

export interface ProbeOptions extends BrowserContextOptions {
  /** Errors of the console that belong to the test: refused requests are logged by the browser itself. */
  readonly expected?: RegExp;
}

export async function openProbe(browser: Browser, url: string, hash = "", { expected, ...options }: ProbeOptions = {}): Promise<Probe> {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, locale: "en-US", timezoneId: "America/New_York", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && expected?.test(message.text()) !== true) trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(error.stack ?? error.message));
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(`${url}/`) && !asked.startsWith("data:")) trouble.push(`request to ${asked}`);
  });
  await page.goto(`${url}/${hash}`);
  return {
    page,
    expectClean: () => expect(trouble).toEqual([]),
    rows: (panel) => page.getByRole("region", { name: panel, exact: true }).locator("tbody tr").evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent.trim()))),
    [Symbol.asyncDispose]: () => context.close(),
  };
}
