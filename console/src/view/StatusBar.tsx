// What the agent asked for, since when, and the way to ask for something else.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../api";
import type { Desk } from "../desk";
import { breakReason, duration } from "../format";
import { Pause } from "./icons";

const REASONS = ["Short break", "Lunch", "Meeting", "Training"];
const LONGEST_REASON = 40;

interface Props {
  desk: Desk;
  now: number;
  choosing: boolean;
  setChoosing: (choosing: boolean) => void;
  onStatus: (status: Status, reason?: string) => void;
}

export function StatusBar({ desk, now, choosing, setChoosing, onStatus }: Props) {
  const agent = desk.agent;
  const busy = agent !== null && agent.activity !== "idle";
  const status = agent?.status ?? "logged_out";
  return (
    <section class={`status is-${status}`} aria-label="My status">
      <div class="status-words">
        <span class="status-name">
          {agent === null ? "…" : NAMES[status]}
          {status === "on_break" && agent?.break_reason ? <em> · {breakReason(agent.break_reason)}</em> : null}
        </span>
        <span class="status-time" role="timer">
          {agent !== null && agent.status_since > 0 ? duration(now - agent.status_since) : ""}
        </span>
        {busy && status !== "ready" && <span class="status-note">takes effect after this call</span>}
      </div>
      <div class="status-buttons">
        {status !== "ready" && (
          <button class={status === "logged_out" ? "primary" : "plain strong"} disabled={agent === null} onClick={() => onStatus("ready")}>
            {status === "logged_out" ? "Start taking calls" : "Ready"} <kbd>R</kbd>
          </button>
        )}
        {status === "ready" && (
          <button class="plain" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
            <Pause /> Break <kbd>B</kbd>
          </button>
        )}
      </div>
      {choosing && (
        <BreakReasons
          onClose={() => setChoosing(false)}
          onChosen={(reason) => {
            setChoosing(false);
            onStatus("on_break", reason);
          }}
        />
      )}
    </section>
  );
}

const NAMES: Record<Status, string> = { ready: "Ready", on_break: "On break", logged_out: "Not taking calls" };

function BreakReasons({ onChosen, onClose }: { onChosen: (reason: string) => void; onClose: () => void }) {
  const [other, setOther] = useState("");
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <form
      class="reasons"
      aria-label="Why are you taking a break?"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (other.trim()) onChosen(other.trim());
      }}
    >
      {REASONS.map((reason, index) => (
        <button type="button" class="plain" key={reason} ref={index === 0 ? first : null} onClick={() => onChosen(reason)}>
          {reason}
        </button>
      ))}
      <span class="other">
        <input
          aria-label="Another reason"
          placeholder="Another reason"
          maxLength={LONGEST_REASON}
          value={other}
          onInput={(event) => setOther(event.currentTarget.value)}
        />
        <button class="plain" disabled={!other.trim()}>
          Go
        </button>
      </span>
    </form>
  );
}
