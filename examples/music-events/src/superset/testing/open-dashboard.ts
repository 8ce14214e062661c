import type { Page } from "playwright-core";
import type { SupersetLogin } from "../superset-rest.js";

/** How long a page may take, ms: the first one of a server that has just started on a busy machine takes long. */
const LIMIT_MS = 120_000;
/** The form is shown again where the first page was still being made. */
const TRIES = 4;

/** What a dashboard looks like. */
export interface ShownDashboard {
  readonly charts: number;
  /** What charts say that could not be drawn. */
  readonly errors: readonly string[];
  readonly text: string;
}

/**
 * Logs in by the form, opens a dashboard and waits until every chart is drawn. Nothing outside of Superset is asked for:
 * its pages want a picture from its makers.
 */
export async function openDashboard(page: Page, { url, user, password }: SupersetLogin, slug: string): Promise<ShownDashboard> {
  page.setDefaultTimeout(LIMIT_MS);
  await page.route("**/*", (route) => (/^(data|blob):/.test(route.request().url()) || route.request().url().startsWith(`${url}/`) ? route.continue() : route.abort()));
  await page.goto(`${url}/login/`, { waitUntil: "domcontentloaded" });
  for (let i = 0; new URL(page.url()).pathname.startsWith("/login"); i++) {
    if (i === TRIES) throw new Error(`logging in to Superset at "${url}": it shows the form again`);
    await page.locator("input#username, input[name=username]").first().fill(user);
    await page.locator("input#password, input[name=password]").first().fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => !at.pathname.startsWith("/login"), { timeout: 20_000 }).catch(() => {});
  }
  await page.goto(`${url}/superset/dashboard/${slug}/?standalone=1`, { waitUntil: "domcontentloaded" });
  const charts = page.locator(".dashboard-component-chart-holder");
  await charts.first().waitFor();
  // Charts that come into sight begin to load then.
  for (let i = 0; i < (await charts.count()); i++) await charts.nth(i).scrollIntoViewIfNeeded();
  await page.evaluate("window.scrollTo(0, 0)");
  await page.waitForFunction("document.querySelectorAll('[data-test=\"loading-indicator\"], .loading').length === 0 && document.querySelectorAll('[data-test=\"slice-container\"], .slice_container').length >= document.querySelectorAll('.dashboard-component-chart-holder').length");
  return {
    charts: await charts.count(),
    errors: await page.locator('[data-test="chart-error"], .error-boundary, .ant-alert-error').allInnerTexts(),
    text: await page.locator(".dashboard").first().innerText(),
  };
}
