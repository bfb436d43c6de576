// The agent's desk: status above, the one thing that matters now in the middle, today's calls beside it.

import { useEffect, useRef, useState } from "preact/hooks";
import type { App } from "../app";
import type { Session } from "../api";
import { obstacle, sceneOf, type Desk, type Scene } from "../desk";
import { breakReason, caller } from "../format";
import { actionOf } from "../shortcuts";
import { CallList } from "./CallList";
import { Logo } from "./icons";
import { Stage } from "./Stage";
import { StatusBar } from "./StatusBar";

interface Props {
  session: Session;
  desk: Desk;
  /** The server's time. */
  now: number;
  app: Pick<App, "act" | "setStatus" | "logOut" | "dismiss">;
}

export function DeskPage({ session, desk, now, app }: Props) {
  const scene = sceneOf(desk);
  const [choosing, setChoosing] = useState(false);
  const latest = useRef({ scene, app });
  latest.current = { scene, app };

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const typing = target?.closest("input, textarea, select") !== null && target !== null;
      const { key, ctrlKey, metaKey, altKey, repeat } = event;
      const action = actionOf({ key, ctrlKey, metaKey, altKey, repeat, typing }, latest.current.scene);
      if (action === null) return;
      event.preventDefault();
      if (action === "break") setChoosing(true);
      else void latest.current.app.act(action);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);

  useEffect(() => {
    document.title = titleOf(scene, desk);
  }, [scene, desk]);

  useEffect(() => {
    if (desk.sip === null) return undefined;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [desk.sip === null]);

  return (
    <div class={`desk scene-${scene}`}>
      <header class="top">
        <Logo />
        <strong class="who">{session.shown_as}</strong>
        <PhoneChip desk={desk} />
        <button class="plain small" disabled={desk.sip !== null} onClick={() => void app.logOut()}>
          Log out
        </button>
      </header>
      {desk.live === "lost" && !desk.notice && (
        <p class="banner" role="status">
          The server is out of reach; reconnecting.{desk.sip !== null && " Your call goes on."}
        </p>
      )}
      {desk.notice && (
        <p class="banner" role="alert">
          {desk.notice}
          <button class="plain small" onClick={() => app.dismiss()}>
            Close
          </button>
        </p>
      )}
      <main class="columns">
        <div class="now">
          <StatusBar
            desk={desk}
            now={now}
            choosing={choosing}
            setChoosing={setChoosing}
            onStatus={(status, reason) => void app.setStatus(status, reason)}
          />
          <Stage
            desk={desk}
            scene={scene}
            now={now}
            obstacle={obstacle(desk, now)}
            onAction={(action) => void app.act(action)}
          />
        </div>
        <CallList calls={desk.calls} />
      </main>
      <p class="hidden" aria-live={scene === "ringing" ? "assertive" : "polite"}>
        {announcement(scene, desk)}
      </p>
    </div>
  );
}

function PhoneChip({ desk }: { desk: Desk }) {
  const { state, kind, target } = desk.phone;
  const [tone, words] =
    kind !== "pushed"
      ? desk.agent?.reachable
        ? ["good", `Phone ${target}`]
        : ["bad", `Phone ${target} unreachable`]
      : PHONE_WORDS[state];
  return (
    <span class={`chip ${tone}`} role="status">
      <i aria-hidden="true" />
      {words}
    </span>
  );
}

const PHONE_WORDS: Record<Desk["phone"]["state"], [string, string]> = {
  none: ["bad", "Phone elsewhere"],
  starting: ["wait", "Phone starting"],
  registering: ["wait", "Phone connecting"],
  registered: ["good", "Phone ready"],
  lost: ["bad", "Phone reconnecting"],
  refused: ["bad", "Phone refused"],
};

function titleOf(scene: Scene, desk: Desk): string {
  switch (scene) {
    case "ringing":
      return `☎ ${caller(desk.call)}`;
    case "connecting":
    case "talking":
      return `● ${caller(desk.call)}`;
    case "wrap_up":
      return "Wrap-up";
    case "on_break":
      return "On break";
    case "idle":
      return "Ready";
    default:
      return "Desk";
  }
}

function announcement(scene: Scene, desk: Desk): string {
  switch (scene) {
    case "ringing":
      return `Call from ${caller(desk.call)} for ${desk.call?.queue_title ?? "you"}. Press A to answer.`;
    case "talking":
      return `Connected with ${caller(desk.call)}.${desk.sip?.muted ? " You are muted." : ""}`;
    case "wrap_up":
      return "The call has ended. Wrap-up.";
    case "idle":
      return "Ready for calls.";
    case "on_break":
      return `On break: ${breakReason(desk.agent?.break_reason ?? "")}.`;
    default:
      return "";
  }
}
