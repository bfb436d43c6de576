// What end-to-end tests read of the page. It can be looked at, and changes nothing.

import type { App } from "./app";
import { sceneOf } from "./desk";
import { NO_PACKETS } from "./phone";

declare global {
  interface Window {
    readonly stasisAcd: Readonly<Record<string, unknown>>;
  }
}

export function exposeState(app: App): void {
  const desk = () => (app.page.name === "desk" ? app.page.desk : null);
  const state = Object.freeze({
    get page() {
      return app.page.name;
    },
    get scene() {
      const now = desk();
      return now ? sceneOf(now) : null;
    },
    get live() {
      return desk()?.live ?? null;
    },
    get phone() {
      return desk()?.phone.state ?? null;
    },
    get problem() {
      return desk()?.phone.problem ?? "";
    },
    get status() {
      return desk()?.agent?.status ?? null;
    },
    get activity() {
      return desk()?.agent?.activity ?? null;
    },
    get reachable() {
      return desk()?.agent?.reachable ?? null;
    },
    get offer() {
      return desk()?.offer?.id ?? null;
    },
    get call() {
      const sip = desk()?.sip;
      return sip ? { state: sip.state, offer: sip.offer, muted: sip.muted } : null;
    },
    get caller() {
      return desk()?.call?.caller_number ?? null;
    },
    get rtp() {
      return { ...(app.phone?.rtp ?? NO_PACKETS) };
    },
    get notice() {
      return desk()?.notice ?? "";
    },
  });
  Object.defineProperty(window, "stasisAcd", { value: state, writable: false, configurable: false });
}
