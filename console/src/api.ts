// The control API as the page uses it: types as the server writes them, and one sentence for every failure.

export type Status = "ready" | "on_break" | "logged_out";
export type Activity = "idle" | "reserved" | "talking" | "wrap_up";

export interface Session {
  name: string;
  role: "agent" | "supervisor" | "admin";
  agent: string | null;
  shown_as: string;
}

export interface Agent {
  id: string;
  name: string;
  status: Status;
  break_reason: string | null;
  status_since: number;
  activity: Activity;
  activity_since: number;
  reachable: boolean;
  cool_until: number;
  wrap_up_until: number | null;
  call: string | null;
  offer: string | null;
  answered: number;
  missed: number;
  phone: "pushed" | "endpoint" | "dial" | "";
}

export interface Call {
  id: string;
  queue: string;
  queue_title: string;
  state: "queued" | "offered" | "connecting" | "connected" | "ended";
  caller_number: string;
  caller_name: string;
  called_number: string;
  attributes: Record<string, string>;
  requires: string;
  arrived_at: number;
  queued_at: number;
  connected_at: number | null;
  ended_at: number | null;
  end_reason: string | null;
  ended_by: string | null;
  agent: string | null;
}

export interface Offer {
  id: string;
  call: string;
  agent: string;
  queue: string;
  state: "reserved" | "ringing" | "accepted" | "connected" | "ended";
  made_at: number;
  dialled_at: number | null;
  ring_until: number;
  outcome: string | null;
  why: string;
}

export interface PastCall {
  id: string;
  queue: string;
  queue_title: string;
  caller_number: string;
  caller_name: string;
  queued_at: number;
  connected_at: number | null;
  ended_at: number;
  end_reason: string;
  ended_by: string;
  waited_ms: number;
  talked_ms: number;
}

export interface Registration {
  identity: string;
  secret: string;
  sip_domain: string;
  websocket_url: string;
  node: string;
  display_name: string;
}

export interface PhoneSetup {
  kind: "pushed" | "endpoint" | "dial";
  target: string;
  registration: Registration | null;
  ice_servers: { urls: string[]; username?: string; credential?: string }[];
  auto_answer: boolean;
}

/** Anything but success: `status` 0 means that nobody answered. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

const PREFIX = "/api/v1";

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(PREFIX + path, {
      method,
      credentials: "same-origin",
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  } catch {
    throw new Refused(0, "The server does not answer. Is the network there?");
  }
  if (response.status === 204) return undefined as T;
  let content: unknown;
  try {
    content = await response.json();
  } catch {
    throw new Refused(response.status, `The server answered with status ${response.status} and no reason.`);
  }
  if (!response.ok) throw new Refused(response.status, sentenceOf(content, response.status));
  return content as T;
}

export function sentenceOf(problem: unknown, status: number): string {
  const detail =
    typeof problem === "object" && problem !== null && "detail" in problem ? String(problem.detail) : "";
  if (!detail) return `The server refused with status ${status}.`;
  const sentence = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

export const api = {
  session: () => ask<Session>("GET", "/session"),
  logIn: (name: string, password: string) => ask<Session>("POST", "/session", { name, password }),
  logOut: () => ask<void>("DELETE", "/session"),
  phone: () => ask<PhoneSetup>("GET", "/me/phone"),
  setStatus: (status: Status, reason?: string) =>
    ask<Agent>("PUT", "/me/status", reason === undefined ? { status } : { status, reason }),
  endWrapUp: () => ask<Agent>("POST", "/me/wrap-up/end"),
  callsSince: (since: number) => ask<PastCall[]>("GET", `/me/calls?limit=200&since=${Math.floor(since)}`),
};

export function eventsUrl(location: { protocol: string; host: string }): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${PREFIX}/events`;
}
