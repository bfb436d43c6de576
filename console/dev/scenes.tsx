// Every scene of the page with made-up data, to be looked at while its looks are worked on: npm run dev, /dev/scenes.html?scene=ringing
// Not part of what is built.

import { render } from "preact";
import type { Agent, Call, PastCall } from "../src/api";
import { emptyDesk, type Desk } from "../src/desk";
import { DeskPage } from "../src/view/DeskPage";
import { LogInPage } from "../src/view/LogInPage";
import "../src/style.css";

const NOW = new Date(2026, 10, 23, 17, 2, 14).getTime();

const agent: Agent = {
  id: "mara",
  name: "Mara Lindqvist",
  status: "ready",
  break_reason: null,
  status_since: NOW - 4_932_000,
  activity: "idle",
  activity_since: NOW - 41_000,
  reachable: true,
  cool_until: 0,
  wrap_up_until: null,
  call: null,
  offer: null,
  answered: 31,
  missed: 0,
  phone: "pushed",
};

const call: Call = {
  id: "1763.42",
  queue: "support",
  queue_title: "Technical support",
  state: "offered",
  caller_number: "+49 30 901820",
  caller_name: "Jonas Weber",
  called_number: "4000",
  requires: "billing and spanish >= 50",
  attributes: { customer: "K-20417", tier: "Gold" },
  arrived_at: NOW - 190_000,
  queued_at: NOW - 187_000,
  connected_at: null,
  ended_at: null,
  end_reason: null,
  ended_by: null,
  agent: null,
};

const calls: PastCall[] = [
  ["Petra Nowak", 252, 12],
  ["+49 89 4400110", 95, 48],
  ["Ahmed Yilmaz", 611, 3],
  ["Ines Carvalho", 180, 75],
  ["+44 20 7946 0018", 33, 9],
].map(([name, talked, waited], index) => {
  const ended = NOW - 300_000 - index * 900_000;
  return {
    id: `past-${index}`,
    queue: "support",
    queue_title: index % 2 ? "Billing" : "Technical support",
    caller_number: String(name),
    caller_name: "",
    queued_at: ended - (Number(talked) + Number(waited)) * 1000,
    connected_at: ended - Number(talked) * 1000,
    ended_at: ended,
    end_reason: "completed",
    ended_by: "caller",
    waited_ms: Number(waited) * 1000,
    talked_ms: Number(talked) * 1000,
  };
});

const base: Desk = {
  ...emptyDesk("mara"),
  live: "up",
  agent,
  calls,
  phone: { state: "registered", kind: "pushed", target: "", problem: "" },
};

const offer = {
  id: "o1",
  call: call.id,
  agent: "mara",
  queue: "support",
  state: "ringing" as const,
  made_at: NOW - 7_000,
  dialled_at: NOW - 6_900,
  ring_until: NOW + 13_100,
  outcome: null,
  why: "longest idle of 4 free agents: 41 s",
};
const sip = { state: "ringing" as const, offer: "o1", from: "", muted: false, since: NOW - 5000, silent: false };
const talkingAgent: Agent = { ...agent, activity: "talking", call: call.id, offer: "o1" };
const connected: Call = { ...call, state: "connected", connected_at: NOW - 187_000, agent: "mara" };

const SCENES: Record<string, Desk> = {
  idle: base,
  empty: { ...base, calls: [] },
  lost: { ...base, live: "lost", phone: { ...base.phone, state: "lost" } },
  logged_out: { ...base, agent: { ...agent, status: "logged_out", status_since: NOW - 60_000 } },
  on_break: { ...base, agent: { ...agent, status: "on_break", break_reason: "Lunch", status_since: NOW - 754_000 } },
  ringing: { ...base, agent: { ...agent, activity: "reserved", call: call.id, offer: "o1" }, call, offer, sip },
  talking: { ...base, agent: talkingAgent, call: connected, sip: { ...sip, state: "talking" } },
  muted: {
    ...base,
    agent: { ...talkingAgent, status: "on_break", break_reason: "Meeting", status_since: NOW - 9000 },
    call: connected,
    sip: { ...sip, state: "talking", muted: true, silent: true },
  },
  wrap_up: {
    ...base,
    agent: { ...agent, activity: "wrap_up", activity_since: NOW - 6_000, wrap_up_until: NOW + 14_000 },
  },
};

const scene = new URLSearchParams(window.location.search).get("scene") ?? "idle";
const root = document.getElementById("root");
const nothing = async () => {};
if (root !== null) {
  render(
    scene === "log_in" || scene === "log_in_wrong" ? (
      <LogInPage problem={scene === "log_in" ? "" : "Name or password is wrong."} busy={false} onLogIn={() => {}} />
    ) : (
      <DeskPage
        session={{ name: "mara", role: "agent", agent: "mara", shown_as: "Mara Lindqvist" }}
        desk={SCENES[scene] ?? base}
        now={NOW}
        app={{ act: nothing, setStatus: nothing, logOut: nothing, dismiss: () => {} }}
      />
    ),
    root,
  );
}
