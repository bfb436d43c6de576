// What the desk knows, and how each message changes it. Pure: the clock is handed in, nothing is fetched here.

import type { Agent, Call, Offer, PastCall } from "./api";

export interface Snapshot {
  type: "snapshot";
  id: string;
  at: number;
  agents: Agent[];
  calls: Call[];
  offers: Offer[];
}

export interface LiveEvent {
  type: "event";
  name: string;
  id: string;
  at: number;
  agent?: Agent;
  call?: Call;
  offer?: Offer;
  detail?: string;
}

export interface Tick {
  type: "tick";
  at: number;
}

export type Message = Snapshot | LiveEvent | Tick;

export type PhoneState =
  | "none" // nothing registers in this browser
  | "starting"
  | "registering"
  | "registered"
  | "lost" // it was there, and is being brought back
  | "refused"; // the switch does not take us

export interface SipCall {
  /** Rings here, is being answered, or talks. */
  state: "ringing" | "answering" | "talking";
  offer: string | null;
  from: string;
  muted: boolean;
  since: number;
  /** Nothing was heard from the other side for some seconds. */
  silent: boolean;
}

export interface Desk {
  live: "connecting" | "up" | "lost";
  /** The server's clock minus ours, milliseconds. */
  clockOffset: number;
  me: string;
  agent: Agent | null;
  offer: Offer | null;
  call: Call | null;
  phone: { state: PhoneState; kind: "pushed" | "endpoint" | "dial"; target: string; problem: string };
  sip: SipCall | null;
  calls: PastCall[];
  notice: string;
}

export function emptyDesk(me: string): Desk {
  return {
    live: "connecting",
    clockOffset: 0,
    me,
    agent: null,
    offer: null,
    call: null,
    phone: { state: "starting", kind: "pushed", target: "", problem: "" },
    sip: null,
    calls: [],
    notice: "",
  };
}

/** The desk after this message; `receivedAt` is our own clock. */
export function applied(desk: Desk, message: Message, receivedAt: number): Desk {
  const clockOffset = message.at - receivedAt;
  switch (message.type) {
    case "tick":
      return { ...desk, clockOffset };
    case "snapshot":
      return afterSnapshot({ ...desk, clockOffset, live: "up" }, message);
    case "event":
      return afterEvent({ ...desk, clockOffset }, message);
  }
}

function afterSnapshot(desk: Desk, message: Snapshot): Desk {
  // A supervisor who is an agent too is shown everybody: the desk looks at the own records only.
  const agent = message.agents.find((each) => each.id === desk.me) ?? null;
  return {
    ...desk,
    agent,
    offer: message.offers.find((each) => each.id === agent?.offer) ?? null,
    call: message.calls.find((each) => each.id === agent?.call) ?? null,
  };
}

function afterEvent(desk: Desk, event: LiveEvent): Desk {
  const agent = event.agent?.id === desk.me ? event.agent : desk.agent;
  if (agent === null) return desk;
  const concernsOffer = event.offer?.agent === desk.me && event.offer.id === agent.offer;
  const concernsCall = event.call !== undefined && event.call.id === agent.call;
  const offer = concernsOffer ? (event.offer ?? null) : desk.offer;
  const call = concernsCall ? (event.call ?? null) : desk.call;
  return {
    ...desk,
    agent,
    offer: offer !== null && offer.id === agent.offer && offer.state !== "ended" ? offer : null,
    call: call !== null && call.id === agent.call ? call : null,
    calls: withEnded(desk, event),
  };
}

/** A call of ours that ended is listed at once; history confirms it some moments later. */
function withEnded(desk: Desk, event: LiveEvent): PastCall[] {
  const call = event.call;
  if (event.name !== "CallEnded" || call === undefined || call.agent !== desk.me) return desk.calls;
  const ended = call.ended_at ?? event.at;
  const past: PastCall = {
    id: call.id,
    queue: call.queue,
    queue_title: call.queue_title,
    caller_number: call.caller_number,
    caller_name: call.caller_name,
    queued_at: call.queued_at,
    connected_at: call.connected_at,
    ended_at: ended,
    end_reason: call.end_reason ?? "",
    ended_by: call.ended_by ?? "",
    waited_ms: Math.max(0, (call.connected_at ?? ended) - call.queued_at),
    talked_ms: call.connected_at === null ? 0 : Math.max(0, ended - call.connected_at),
  };
  return [past, ...desk.calls.filter((each) => each.id !== past.id)];
}

/** What history says, with what it does not know yet; the latest first. */
export function mergedCalls(known: PastCall[], fromHistory: PastCall[], since: number): PastCall[] {
  const byId = new Map(known.map((call) => [call.id, call]));
  for (const call of fromHistory) byId.set(call.id, call);
  return [...byId.values()].filter((call) => call.ended_at >= since).sort((a, b) => b.ended_at - a.ended_at);
}

export type Scene = "waiting_for_server" | "logged_out" | "on_break" | "idle" | "ringing" | "connecting" | "talking" | "wrap_up";

/** The one thing that the agent has to see now. The phone in this browser is believed before the server's word of it. */
export function sceneOf(desk: Desk): Scene {
  if (desk.sip?.state === "ringing") return "ringing";
  if (desk.sip?.state === "answering") return "connecting";
  if (desk.sip?.state === "talking") return "talking";
  const agent = desk.agent;
  if (agent === null) return "waiting_for_server";
  if (agent.activity === "talking") return "talking";
  if (agent.activity === "reserved") return desk.offer?.state === "accepted" ? "connecting" : "ringing";
  if (agent.activity === "wrap_up") return "wrap_up";
  if (agent.status === "logged_out") return "logged_out";
  if (agent.status === "on_break") return "on_break";
  return "idle";
}

/** Why no call can come although the agent is ready; empty if calls can come. */
export function obstacle(desk: Desk, now: number): string {
  if (desk.agent === null || desk.agent.status !== "ready") return "";
  if (desk.phone.problem) return desk.phone.problem;
  if (desk.phone.state === "lost") return "The phone lost its connection and is reconnecting. No calls until then.";
  if (desk.phone.state === "refused") return "The switch does not let this phone in. Tell your supervisor.";
  if (desk.phone.state === "starting" || desk.phone.state === "registering") return "The phone is connecting.";
  if (!desk.agent.reachable) return "The switch does not see your phone yet.";
  if (desk.agent.cool_until > now) return `A short pause after a missed call: ${Math.ceil((desk.agent.cool_until - now) / 1000)} s.`;
  return "";
}
