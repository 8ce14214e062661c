import { useEffect, useMemo, useState } from "preact/hooks";
import { RemoteError } from "../../src/client/remote-error.js";
import type { LambdaDescription } from "../../src/http/served.js";
import type { QuestionDescription } from "../../src/questions/describe-question.js";
import { readPalette } from "./charts/palette.js";
import { PaletteContext } from "./charts/use-palette.js";
import { TokenForm } from "./controls/token-form.js";
import { Frame } from "./frame.js";
import { createServices, ServicesContext } from "./services/services.js";
import { keepSessionToken, sessionToken } from "./services/session-token.js";
import { chooseTheme, isDark, storedTheme } from "./settings/theme.js";

const RETRY_MS = 2_000;

/** Learns what is served, asks for a token where one is needed, and shows the page. */
export function App() {
  const [token, setToken] = useState(sessionToken);
  const services = useMemo(() => createServices(token), [token]);
  const [served, setServed] = useState<{ readonly lambda: LambdaDescription; readonly questions: readonly QuestionDescription[] }>();
  const [trouble, setTrouble] = useState<Error>();
  useEffect(() => {
    const own = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const describe = async () => {
      try {
        const [lambda, questions] = await Promise.all([services.client.describe(own.signal), services.client.questions(own.signal)]);
        setServed({ lambda, questions });
        setTrouble(undefined);
      } catch (error) {
        if (own.signal.aborted) return;
        setTrouble(error as Error);
        if (!isUnauthorized(error)) timer = setTimeout(() => void describe(), RETRY_MS);
      }
    };
    void describe();
    // A server that is started again with other views or another token is another server.
    const subscription = services.live.status.subscribe(({ kind }) => {
      if (kind === "unauthorized") void describe();
    });
    return () => {
      own.abort();
      clearTimeout(timer);
      subscription.unsubscribe();
      services.live.close();
    };
  }, [services]);

  const [theme, setTheme] = useState(storedTheme);
  const [dark, setDark] = useState(() => isDark(theme));
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setDark(isDark(theme));
    follow();
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, [theme]);
  const palette = useMemo(readPalette, [dark]);

  if (trouble !== undefined && isUnauthorized(trouble)) {
    return (
      <TokenForm
        refused={token !== undefined}
        onToken={(given) => {
          keepSessionToken(given);
          setTrouble(undefined);
          setServed(undefined);
          setToken(given);
        }}
      />
    );
  }
  if (served === undefined) {
    return (
      <main class="start">
        {trouble === undefined ? (
          <p role="status">Connecting…</p>
        ) : (
          <p role="alert">
            The server does not answer: {trouble.message}. The page tries again.
          </p>
        )}
      </main>
    );
  }
  return (
    <ServicesContext.Provider value={services}>
      <PaletteContext.Provider value={palette}>
        <Frame
          lambda={served.lambda}
          questions={served.questions}
          theme={theme}
          onTheme={(chosen) => {
            chooseTheme(chosen);
            setTheme(chosen);
            setDark(isDark(chosen));
          }}
        />
      </PaletteContext.Provider>
    </ServicesContext.Provider>
  );
}

const isUnauthorized = (error: unknown): boolean => error instanceof RemoteError && error.status === 401;
