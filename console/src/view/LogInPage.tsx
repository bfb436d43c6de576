// The way in.

import { useState } from "preact/hooks";
import { Logo } from "./icons";

interface Props {
  problem: string;
  busy: boolean;
  onLogIn: (name: string, password: string) => void;
}

export function LogInPage({ problem, busy, onLogIn }: Props) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  return (
    <main class="centre">
      <form
        class="card log-in"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onLogIn(name, password);
        }}
      >
        <Logo />
        <h1>Your desk</h1>
        <label>
          Name
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            autofocus
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button class="primary wide" disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </button>
      </form>
    </main>
  );
}
