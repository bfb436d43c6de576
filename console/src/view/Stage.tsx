// The one thing that matters now: nothing, a call that rings, a call that talks, or the work after it.

import type { Call, Offer } from "../api";
import type { Desk, Scene } from "../desk";
import { caller, duration, needs } from "../format";
import type { Action } from "../shortcuts";
import { Answer, Done, HangUp, Mute } from "./icons";

interface Props {
  desk: Desk;
  scene: Scene;
  now: number;
  obstacle: string;
  onAction: (action: Action) => void;
}

export function Stage(props: Props) {
  switch (props.scene) {
    case "ringing":
      return <Ringing {...props} />;
    case "connecting":
    case "talking":
      return <Talking {...props} />;
    case "wrap_up":
      return <WrapUp {...props} />;
    default:
      return <Quiet {...props} />;
  }
}

function Quiet({ desk, scene, obstacle }: Props) {
  const answered = desk.calls.filter((call) => call.connected_at !== null);
  const talked = answered.reduce((sum, call) => sum + call.talked_ms, 0);
  return (
    <section class={`stage quiet ${obstacle ? "obstructed" : ""}`} aria-label="Now">
      <p class="lead">{obstacle || QUIET_WORDS[scene] || ""}</p>
      {answered.length > 0 && (
        <p class="soft">
          {answered.length} {answered.length === 1 ? "call" : "calls"} today, {duration(talked / answered.length)} on average
        </p>
      )}
    </section>
  );
}

const QUIET_WORDS: Partial<Record<Scene, string>> = {
  idle: "Waiting for the next call",
  on_break: "No calls come while you are on break",
  logged_out: "No calls come until you start",
  waiting_for_server: "Connecting",
};

function Ringing({ desk, now, onAction }: Props) {
  const offer = desk.offer;
  const here = desk.sip?.state === "ringing";
  return (
    <section class="stage ringing" aria-label="A call rings">
      {offer !== null && <Countdown offer={offer} now={now} />}
      <Who call={desk.call} fallback={desk.sip?.from ?? ""} />
      {desk.call !== null && (
        <p class="soft">waiting for {duration(now - desk.call.queued_at)}</p>
      )}
      {offer?.why && (
        <p class="why">
          <span>Why you</span> {offer.why.replaceAll("_", " ")}
        </p>
      )}
      <Needs call={desk.call} />
      <Attributes call={desk.call} />
      {desk.phone.kind === "pushed" ? (
        <div class="big-buttons">
          <button class="answer" disabled={!here} onClick={() => onAction("answer")}>
            <Answer /> {here ? "Answer" : "Ringing…"} <kbd>A</kbd>
          </button>
          <button class="decline" disabled={!here} onClick={() => onAction("decline")}>
            <HangUp /> Decline <kbd>D</kbd>
          </button>
        </div>
      ) : (
        <p class="lead">Pick up your phone {desk.phone.target}</p>
      )}
    </section>
  );
}

function Countdown({ offer, now }: { offer: Offer; now: number }) {
  const begun = offer.dialled_at ?? offer.made_at;
  const whole = Math.max(1, offer.ring_until - begun);
  const left = Math.min(whole, Math.max(0, offer.ring_until - now));
  return (
    <div class="countdown" role="timer" aria-label={`${Math.ceil(left / 1000)} seconds left to answer`}>
      <div class="bar">
        <div style={{ transform: `scaleX(${(left / whole).toFixed(3)})` }} />
      </div>
      <span>{Math.ceil(left / 1000)} s</span>
    </div>
  );
}

function Who({ call, fallback }: { call: Call | null; fallback: string }) {
  const name = caller(call, fallback || "Unknown caller");
  const number = call?.caller_number && call.caller_number !== name ? call.caller_number : "";
  return (
    <div class="person">
      <p class="queue">{call?.queue_title ?? " "}</p>
      <h2>{name}</h2>
      {number && <p class="number">{number}</p>}
    </div>
  );
}

function Needs({ call }: { call: Call | null }) {
  if (!call?.requires) return null;
  return (
    <p class="why">
      <span>Asks for</span> {needs(call.requires)}
    </p>
  );
}

function Attributes({ call }: { call: Call | null }) {
  const known = Object.entries(call?.attributes ?? {}).slice(0, 6);
  if (known.length === 0) return null;
  return (
    <dl class="attributes">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Talking({ desk, scene, now, onAction }: Props) {
  const connected = scene === "talking";
  const since = desk.call?.connected_at ?? (desk.sip ? desk.sip.since + desk.clockOffset : now);
  return (
    <section class="stage talking" aria-label="On a call">
      <p class="timer" role="timer">
        {connected ? duration(now - since) : "Connecting"}
      </p>
      <Who call={desk.call} fallback={desk.sip?.from ?? ""} />
      <Needs call={desk.call} />
      <Attributes call={desk.call} />
      {desk.sip?.silent && (
        <p class="warning" role="status">
          No sound arrives from the caller.
        </p>
      )}
      {desk.sip !== null && (
        <div class="big-buttons">
          <button class="plain mute" aria-pressed={desk.sip.muted} disabled={!connected} onClick={() => onAction("mute")}>
            <Mute off={desk.sip.muted} /> {desk.sip.muted ? "Muted" : "Mute"} <kbd>M</kbd>
          </button>
          <button class="hang-up" onClick={() => onAction("hang_up")}>
            <HangUp /> Hang up <kbd>H</kbd>
          </button>
        </div>
      )}
    </section>
  );
}

function WrapUp({ desk, now, onAction }: Props) {
  const until = desk.agent?.wrap_up_until ?? null;
  const begun = desk.agent?.activity_since ?? now;
  const left = until === null ? null : Math.max(0, until - now);
  const whole = until === null ? 1 : Math.max(1, until - begun);
  const last = desk.calls[0];
  return (
    <section class="stage wrap-up" aria-label="Wrap-up">
      <p class="queue">Wrap-up</p>
      <p class="timer" role="timer">
        {duration(left === null ? now - begun : Math.ceil(left / 1000) * 1000)}
      </p>
      {left !== null && (
        <div class="countdown slim" aria-hidden="true">
          <div class="bar">
            <div style={{ transform: `scaleX(${(left / whole).toFixed(3)})` }} />
          </div>
        </div>
      )}
      {last !== undefined && (
        <p class="soft">
          {caller(last)}, {last.queue_title}, talked {duration(last.talked_ms)}
        </p>
      )}
      <div class="big-buttons">
        <button class="primary" onClick={() => onAction("done")}>
          <Done /> Done <kbd>W</kbd>
        </button>
      </div>
    </section>
  );
}
