// Which page is shown, and the clock that all its durations follow.

import { useEffect, useState } from "preact/hooks";
import type { App, Page } from "../app";
import { DeskPage } from "./DeskPage";
import { LogInPage } from "./LogInPage";

const TICK_MS = 250;

export function Root({ app }: { app: App }) {
  const [page, setPage] = useState<Page>(app.page);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const follow = () => setPage(app.page);
    follow(); // effects run some time after the drawing, and the server may have answered in between
    return app.subscribe(follow);
  }, [app]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  switch (page.name) {
    case "loading":
      return <div class="blank" role="status" aria-label="Loading" />;
    case "log_in":
      return <LogInPage problem={page.problem} busy={page.busy} onLogIn={(name, word) => void app.logIn(name, word)} />;
    case "no_desk":
      return (
        <main class="centre">
          <section class="card quiet">
            <h1>No desk for {page.session.shown_as}</h1>
            <p>You are logged in as {page.session.role}, and this page is for agents.</p>
            <button class="plain" onClick={() => void app.logOut()}>
              Log out
            </button>
          </section>
        </main>
      );
    case "desk":
      return <DeskPage session={page.session} desk={page.desk} now={now + page.desk.clockOffset} app={app} />;
  }
}
