import { useEffect, useMemo, useState } from "preact/hooks";
import type { LambdaDescription } from "../../src/http/served.js";
import type { QuestionDescription } from "../../src/questions/describe-question.js";
import { ConnectionMark } from "./controls/connection-mark.js";
import { ThemeToggle } from "./controls/theme-toggle.js";
import { Toolbar } from "./controls/toolbar.js";
import { DashboardPage } from "./pages/dashboard-page.js";
import { QuestionsPage } from "./pages/questions-page.js";
import { TrustPage } from "./pages/trust-page.js";
import { ViewPage } from "./pages/view-page.js";
import { PanelContext } from "./panels/panel-context.js";
import { sessionToken } from "./services/session-token.js";
import { useServices } from "./services/services.js";
import { useConnectionStatus } from "./services/use-live.js";
import { usePolled } from "./services/use-polled.js";
import { formatLocation, parseLocation, type PageLocation } from "./settings/page-location.js";
import type { Theme } from "./settings/theme.js";
import { fullTime } from "./text/format-time.js";
import { labelOf } from "./text/label-of.js";
import { TrustLine } from "./trust/trust-line.js";

interface FrameProps {
  readonly lambda: LambdaDescription;
  readonly questions: readonly QuestionDescription[];
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
}

/** Head, controls and the page that the address names. */
export function Frame({ lambda, questions, theme, onTheme }: FrameProps) {
  const { client } = useServices();
  const defaults = lambda.dashboard ?? {};
  const [place, setPlace] = useState(() => parseLocation(location.hash, defaults));
  useEffect(() => {
    const follow = () => setPlace(parseLocation(location.hash, defaults));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [lambda]);
  const hrefOf = (change: Partial<PageLocation>) => formatLocation({ ...place, ...change }, defaults);
  const go = (change: Partial<PageLocation>) => {
    location.hash = hrefOf(change);
  };
  const title = lambda.dashboard?.title ?? "Millrace";
  useEffect(() => {
    const part = place.page === "view" ? labelOf(place.view ?? "") : place.page === "questions" ? labelOf(place.question ?? "questions") : place.page === "trust" ? "Trust" : undefined;
    document.title = part === undefined ? title : `${part} · ${title}`;
  }, [place.page, place.view, place.question, title]);

  const status = useConnectionStatus();
  const trust = usePolled((signal) => client.trust(signal), 2_000);
  const { settings } = place;
  const surroundings = useMemo(() => ({ settings, lambda }), [settings, lambda]);
  const ofView = { measure: undefined, by: undefined, stack: undefined, filters: [] };
  const now = status.kind === "live" || status.kind === "broken" ? status.at : undefined;
  const asked = questions.find(({ name }) => name === (place.question ?? questions[0]?.name));
  const current = (is: boolean) => (is ? { "aria-current": "page" as const } : {});
  return (
    <div class="frame">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("content")?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="head">
        <div class="head-line">
          <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 9c9 0 9 7 15 7h11" class="logo-batch" />
            <path d="M3 23c9 0 9-7 15-7h11" class="logo-speed" />
          </svg>
          <h1>{title}</h1>
          <nav aria-label="Pages">
            <a href={hrefOf({ page: "dashboard", view: undefined })} {...current(place.page === "dashboard")}>
              {lambda.dashboard === undefined ? "Overview" : "Dashboard"}
            </a>
            {lambda.views.length === 0 ? null : (
              <select
                class={place.page === "view" ? "nav-views current" : "nav-views"}
                aria-label="Views"
                value={place.view ?? ""}
                onChange={(event) => go({ page: "view", view: event.currentTarget.value, ...ofView })}
              >
                <option value="" disabled hidden selected={place.view === undefined}>
                  Views
                </option>
                {lambda.views.map(({ name }) => (
                  <option key={name} value={name} selected={name === place.view}>
                    {labelOf(name)}
                  </option>
                ))}
              </select>
            )}
            {questions.length === 0 ? null : (
              <a href={hrefOf({ page: "questions", question: undefined, asked: {}, show: undefined })} {...current(place.page === "questions")}>
                Questions
              </a>
            )}
            <a href={hrefOf({ page: "trust", view: undefined })} {...current(place.page === "trust")}>
              Trust
            </a>
          </nav>
          <ConnectionMark status={status} zone={settings.zone} />
          <ThemeToggle theme={theme} onChange={onTheme} />
        </div>
        <Toolbar settings={settings} zoneAlone={place.page === "trust"} now={now ?? trust.value?.at} granularities={place.page === "questions" && asked !== undefined ? { all: asked.granularities, auto: `Auto: ${asked.granularity === "all" ? "total" : asked.granularity}` } : undefined} onChange={(change) => go({ settings: { ...settings, ...change } })} />
      </header>
      {status.kind !== "broken" ? null : (
        <div class="banner bad" role="alert">
          Not connected{status.at === undefined ? "" : `: the numbers are as of ${fullTime(settings.zone, status.at)}`}. {status.reason}. The page connects again by itself.
        </div>
      )}
      <main id="content" tabIndex={-1}>
        <PanelContext.Provider value={surroundings}>
          {place.page === "trust" ? (
            <TrustPage trust={trust} zone={settings.zone} />
          ) : (
            <>
              <TrustLine trust={trust} href={hrefOf({ page: "trust", view: undefined })} />
              {place.page === "questions" ? <QuestionsPage questions={questions} location={place} now={now} hrefOf={hrefOf} go={go} /> : place.page === "view" ? <ViewPage key={place.view} lambda={lambda} location={place} go={go} /> : <DashboardPage lambda={lambda} />}
            </>
          )}
        </PanelContext.Provider>
      </main>
      <footer class="foot">
        <p>
          Millrace ·{" "}
          {/* Links carry no token. */}
          {sessionToken() === undefined ? (
            <>
              <a href="/openapi.json">API</a> · <a href="/metrics">Metrics</a> ·{" "}
            </>
          ) : null}
          <a href={licences}>Licences</a>
        </p>
      </footer>
    </div>
  );
}

const licences = "/assets/licences.txt";
