import { useState } from "preact/hooks";

/** Asks for the server's token. It is kept for as long as the tab is open. */
export function TokenForm({ refused, onToken }: { readonly refused: boolean; readonly onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  return (
    <main class="token">
      <form
        class="token-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== "") onToken(token.trim());
        }}
      >
        <h1>This server asks for a token</h1>
        <p>It is the one that the server was started with. This tab keeps it until it is closed.</p>
        <label for="token">Token</label>
        <input id="token" type="password" autocomplete="off" autofocus value={token} onInput={(event) => setToken(event.currentTarget.value)} aria-describedby={refused ? "token-refused" : undefined} />
        {refused ? (
          <p id="token-refused" class="token-refused" role="alert">
            The server does not take this token.
          </p>
        ) : null}
        <button type="submit">Open</button>
      </form>
    </main>
  );
}
