// Holds the page's state, and brings the server, the phone and the person together.

import { api, eventsUrl, Refused, type Session, type Status } from "./api";
import { applied, emptyDesk, mergedCalls, sceneOf, type Desk } from "./desk";
import { startOfDay } from "./format";
import { listen } from "./live";
import { Phone } from "./phone";
import { Ringer } from "./ring";
import type { Action } from "./shortcuts";

export type Page =
  | { name: "loading" }
  | { name: "log_in"; problem: string; busy: boolean }
  | { name: "no_desk"; session: Session }
  | { name: "desk"; session: Session; desk: Desk };

const SESSION_OVER = "Your session has ended. Log in again.";
const HISTORY_LAG_MS = 2_500; // history is written a moment after the call ended

export class App {
  page: Page = { name: "loading" };
  phone: Phone | null = null;

  private readonly listeners = new Set<() => void>();
  private readonly ringer = new Ringer();
  private stopListening: (() => void) | null = null;
  private lag: ReturnType<typeof setTimeout> | undefined;
  private leavesAfterCall = false;

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async begin(): Promise<void> {
    try {
      this.enter(await api.session());
    } catch (error) {
      const unknown = error instanceof Refused && error.status === 401;
      this.show({ name: "log_in", problem: unknown ? "" : sentence(error), busy: false });
    }
  }

  async logIn(name: string, password: string): Promise<void> {
    this.ringer.unlock();
    this.show({ name: "log_in", problem: "", busy: true });
    try {
      this.enter(await api.logIn(name.trim(), password));
    } catch (error) {
      this.show({ name: "log_in", problem: sentence(error), busy: false });
    }
  }

  /** Stop working and leave the page. Not on a call: it would end with the phone. */
  async logOut(): Promise<void> {
    if (this.page.name === "desk" && this.page.desk.sip !== null) {
      this.patch({ notice: "You are on a call: log out after it." });
      return;
    }
    await this.attempt(async () => {
      if (this.page.name === "desk") await api.setStatus("logged_out");
      await api.logOut();
      this.leave("");
    });
  }

  async setStatus(status: Status, reason?: string): Promise<void> {
    this.ringer.unlock();
    await this.attempt(async () => {
      const agent = await api.setStatus(status, reason);
      this.patch({ agent, notice: "" });
    });
  }

  async act(action: Action): Promise<void> {
    this.ringer.unlock();
    switch (action) {
      case "answer":
        return this.phone?.answer();
      case "decline":
        return this.phone?.decline();
      case "mute":
        return this.phone?.toggleMute();
      case "hang_up":
        return this.phone?.hangUp();
      case "ready":
        return this.setStatus("ready");
      case "break":
        return; // the view asks for the reason
      case "done":
        return this.attempt(async () => this.patch({ agent: await api.endWrapUp(), notice: "" }));
    }
  }

  dismiss(): void {
    this.patch({ notice: "" });
  }

  private enter(session: Session): void {
    if (session.agent === null) {
      this.show({ name: "no_desk", session });
      return;
    }
    this.show({ name: "desk", session, desk: emptyDesk(session.agent) });
    this.stopListening = listen(eventsUrl(window.location), {
      message: (message) => {
        if (this.page.name !== "desk") return;
        this.change(applied(this.page.desk, message, Date.now()));
        if (message.type === "snapshot") void this.loadCalls();
        if (message.type === "event" && message.name === "CallEnded") {
          clearTimeout(this.lag);
          this.lag = setTimeout(() => void this.loadCalls(), HISTORY_LAG_MS);
        }
      },
      lost: () => {
        this.patch({ live: "lost" });
        void this.checkSession();
      },
      over: () => this.sessionOver(),
    });
    this.phone = new Phone(api.phone, {
      state: (state, problem) => this.patchPhone({ state, problem }),
      setup: (setup) => this.patchPhone({ kind: setup.kind, target: setup.target }),
      call: (sip) => {
        this.patch({ sip });
        if (sip === null && this.leavesAfterCall) this.leave(SESSION_OVER);
      },
      notice: (notice) => this.patch({ notice }),
    });
    void this.phone.start();
  }

  /** The server knows us no more. A call that is on does not need it, and would end with the page's phone. */
  private sessionOver(): void {
    if (this.page.name === "desk" && this.page.desk.sip !== null) {
      this.leavesAfterCall = true;
      this.patch({ live: "lost", notice: "Your session has ended. The call goes on; log in again after it." });
    } else {
      this.leave(SESSION_OVER);
    }
  }

  private leave(problem: string): void {
    this.leavesAfterCall = false;
    this.stopListening?.();
    this.stopListening = null;
    this.phone?.stop();
    this.phone = null;
    this.ringer.stop();
    clearTimeout(this.lag);
    this.show({ name: "log_in", problem, busy: false });
  }

  private async checkSession(): Promise<void> {
    try {
      await api.session();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.sessionOver();
    }
  }

  private async loadCalls(): Promise<void> {
    if (this.page.name !== "desk") return;
    const since = startOfDay(Date.now() + this.page.desk.clockOffset);
    try {
      const calls = await api.callsSince(since);
      if (this.page.name === "desk") this.patch({ calls: mergedCalls(this.page.desk.calls, calls, since) });
    } catch {
      // The list is a comfort: the next snapshot or call asks again.
    }
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.sessionOver();
      else this.patch({ notice: sentence(error) });
    }
  }

  private patch(change: Partial<Desk>): void {
    if (this.page.name === "desk") this.change({ ...this.page.desk, ...change });
  }

  private patchPhone(change: Partial<Desk["phone"]>): void {
    if (this.page.name === "desk") this.patch({ phone: { ...this.page.desk.phone, ...change } });
  }

  private change(desk: Desk): void {
    if (this.page.name !== "desk") return;
    if (sceneOf(desk) === "ringing") this.ringer.start();
    else this.ringer.stop();
    this.show({ ...this.page, desk });
  }

  private show(page: Page): void {
    this.page = page;
    for (const listener of this.listeners) listener();
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
