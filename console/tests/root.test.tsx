import { render } from "preact";
import { expect, it, vi } from "vitest";
import type { App, Page } from "../src/app";
import { Root } from "../src/view/Root";

function appOf(page: Page) {
  const listeners = new Set<() => void>();
  const app = {
    page,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show(next: Page) {
      app.page = next;
      listeners.forEach((listener) => listener());
    },
  };
  return app;
}

const PATIENCE = { timeout: 20_000 };

const form = (root: HTMLElement) => root.querySelector("input[name=username]");

it("shows what the server answered before anybody listened", async () => {
  const root = document.createElement("div");
  const app = appOf({ name: "loading" });
  render(<Root app={app as unknown as App} />, root);
  app.show({ name: "log_in", problem: "", busy: false });

  await vi.waitFor(() => expect(form(root)).not.toBeNull(), PATIENCE);
  render(null, root);
}, 30_000);

it("shows what comes later, too", async () => {
  const root = document.createElement("div");
  const app = appOf({ name: "log_in", problem: "", busy: false });
  render(<Root app={app as unknown as App} />, root);
  await vi.waitFor(() => expect(form(root)).not.toBeNull(), PATIENCE);
  app.show({ name: "loading" });

  await vi.waitFor(() => expect(form(root)).toBeNull(), PATIENCE);
  render(null, root);
}, 30_000);
