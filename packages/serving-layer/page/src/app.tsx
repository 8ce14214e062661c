import { useEffect, useMemo, useState } from "preact/hooks";
import { RemoteError } from "../../src/client/remote-error.js";
import type { LambdaDescription } from "../../src/http/served.js";
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
  const [lambda, setLambda] = useState<LambdaDescription>();
  const [trouble, setTrouble] = useState<Error>();
  useEffect(() => {
    const own = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const describe = async () => {
      try {
        setLambda(await services.client.describe(own.signal));
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
          setLambda(undefined);
          setToken(given);
        }}
      />
    );
  }
  if (lambda === undefined) {
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
          lambda={lambda}
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
