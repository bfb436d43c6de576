import { describe, expect, it } from "vitest";
import type { Agent, Call, Offer, PastCall } from "../src/api";
import { applied, emptyDesk, mergedCalls, obstacle, sceneOf, type Desk, type LiveEvent, type SipCall } from "../src/desk";

const AT = 1_700_000_000_000;

function agent(change: Partial<Agent> = {}): Agent {
  return {
    id: "ann",
    name: "Ann",
    status: "ready",
    break_reason: null,
    status_since: AT,
    activity: "idle",
    activity_since: AT,
    reachable: true,
    cool_until: 0,
    wrap_up_until: null,
    call: null,
    offer: null,
    answered: 0,
    missed: 0,
    phone: "pushed",
    ...change,
  };
}

function call(change: Partial<Call> = {}): Call {
  return {
    id: "c1",
    queue: "support",
    queue_title: "Support",
    state: "offered",
    caller_number: "+4930901820",
    caller_name: "",
    called_number: "4000",
    attributes: {},
    requires: "",
    arrived_at: AT,
    queued_at: AT,
    connected_at: null,
    ended_at: null,
    end_reason: null,
    ended_by: null,
    agent: null,
    ...change,
  };
}

function offer(change: Partial<Offer> = {}): Offer {
  return {
    id: "o1",
    call: "c1",
    agent: "ann",
    queue: "support",
    state: "reserved",
    made_at: AT,
    dialled_at: null,
    ring_until: AT + 20_000,
    outcome: null,
    why: "longest idle",
    ...change,
  };
}

const sip = (state: SipCall["state"]): SipCall => ({ state, offer: "o1", from: "", muted: false, since: AT, silent: false });

function event(name: string, change: Partial<LiveEvent>): LiveEvent {
  return { type: "event", name, id: "1-1", at: AT + 1000, ...change };
}

function opened(): Desk {
  const desk = applied(emptyDesk("ann"), { type: "snapshot", id: "", at: AT, agents: [agent()], calls: [], offers: [] }, AT);
  return { ...desk, phone: { ...desk.phone, state: "registered" } };
}

const reserved = agent({ activity: "reserved", call: "c1", offer: "o1" });

describe("the desk follows a call from ring to wrap-up", () => {
  const made = applied(opened(), event("OfferMade", { agent: reserved, call: call(), offer: offer() }), AT);
  const dialled = applied(made, event("OfferDialled", { offer: offer({ state: "ringing", dialled_at: AT + 40 }) }), AT);
  const accepted = applied(dialled, event("OfferAccepted", { call: call({ state: "connecting" }), offer: offer({ state: "accepted" }) }), AT);
  const talking = agent({ activity: "talking", call: "c1", offer: "o1" });
  const connected = applied(
    accepted,
    event("CallConnected", {
      agent: talking,
      call: call({ state: "connected", connected_at: AT + 5000, agent: "ann" }),
      offer: offer({ state: "connected" }),
    }),
    AT,
  );
  const over = call({ state: "ended", connected_at: AT + 5000, ended_at: AT + 65_000, end_reason: "completed", ended_by: "caller", agent: "ann" });
  const wrapped = applied(
    connected,
    event("CallEnded", { agent: agent({ activity: "wrap_up", call: "c1", wrap_up_until: AT + 75_000 }), call: over }),
    AT,
  );
  const done = applied(wrapped, event("WrapUpEnded", { agent: agent() }), AT);

  it("shows one scene at each step", () => {
    expect([opened(), made, dialled, accepted, connected, wrapped, done].map(sceneOf)).toEqual([
      "idle",
      "ringing",
      "ringing",
      "connecting",
      "talking",
      "wrap_up",
      "idle",
    ]);
  });

  it("keeps caller and reason while it rings", () => {
    expect(dialled.call?.caller_number).toBe("+4930901820");
    expect(dialled.offer?.dialled_at).toBe(AT + 40);
    expect(dialled.offer?.why).toBe("longest idle");
  });

  it("lists the call as soon as it ended", () => {
    expect(wrapped.calls).toMatchObject([{ id: "c1", talked_ms: 60_000, waited_ms: 5_000 }]);
    expect(applied(wrapped, event("CallEnded", { agent: agent(), call: over }), AT).calls).toHaveLength(1);
  });

  it("forgets call and offer when the agent is free", () => {
    expect(done.offer).toBeNull();
    expect(done.call).toBeNull();
  });
});

describe("an offer that comes to nothing", () => {
  const made = applied(opened(), event("OfferMade", { agent: reserved, call: call(), offer: offer() }), AT);
  const ended = applied(
    made,
    event("OfferEnded", { agent: agent({ missed: 1, cool_until: AT + 5000 }), call: call({ state: "queued" }), offer: offer({ state: "ended", outcome: "no_answer" }) }),
    AT,
  );

  it("leaves nothing on the desk", () => {
    expect([sceneOf(ended), ended.offer, ended.call]).toEqual(["idle", null, null]);
  });

  it("explains the pause after it", () => {
    expect(obstacle(ended, AT + 1000)).toBe("A short pause after a missed call: 4 s.");
    expect(obstacle(ended, AT + 5000)).toBe("");
  });
});

describe("what is believed", () => {
  it("takes the phone in this browser for the truth about the call", () => {
    expect(sceneOf({ ...opened(), sip: sip("ringing") })).toBe("ringing");
    expect(sceneOf({ ...opened(), agent: agent({ activity: "wrap_up" }), sip: sip("talking") })).toBe("talking");
  });

  it("takes only the own records from what a supervisor is shown", () => {
    const other = agent({ id: "bob", activity: "talking", call: "c9", offer: "o9" });
    const desk = applied(opened(), event("CallConnected", { agent: other, call: call({ id: "c9", agent: "bob" }), offer: offer({ id: "o9", agent: "bob" }) }), AT);
    expect(sceneOf(desk)).toBe("idle");
    expect(desk.call).toBeNull();
    const snapshot = applied(opened(), { type: "snapshot", id: "", at: AT, agents: [other, agent()], calls: [call({ id: "c9" })], offers: [] }, AT);
    expect(snapshot.agent?.id).toBe("ann");
    expect(snapshot.call).toBeNull();
  });

  it("lets a snapshot replace everything", () => {
    const made = applied(opened(), event("OfferMade", { agent: reserved, call: call(), offer: offer() }), AT);
    const fresh = applied(made, { type: "snapshot", id: "", at: AT, agents: [agent()], calls: [], offers: [] }, AT);
    expect(sceneOf(fresh)).toBe("idle");
  });

  it("follows the server's clock", () => {
    expect(applied(opened(), { type: "tick", at: AT + 7_000 }, AT).clockOffset).toBe(7_000);
  });
});

describe("what keeps calls away", () => {
  it("is told only to an agent who is ready", () => {
    const lost: Desk = { ...opened(), phone: { state: "lost", kind: "pushed", target: "", problem: "" } };
    expect(obstacle(lost, AT)).toContain("reconnecting");
    expect(obstacle({ ...lost, agent: agent({ status: "on_break" }) }, AT)).toBe("");
  });

  it("names a problem of the microphone before anything else", () => {
    const desk: Desk = { ...opened(), phone: { state: "starting", kind: "pushed", target: "", problem: "There is no microphone: plug in your headset." } };
    expect(obstacle(desk, AT)).toContain("headset");
  });

  it("tells a switch that does not see the phone", () => {
    expect(obstacle({ ...opened(), agent: agent({ reachable: false }) }, AT)).toContain("does not see");
  });
});

describe("today's calls", () => {
  const past = (id: string, ended_at: number, talked_ms = 0): PastCall => ({
    id,
    queue: "q",
    queue_title: "Q",
    caller_number: "1",
    caller_name: "",
    queued_at: 0,
    connected_at: null,
    ended_at,
    end_reason: "completed",
    ended_by: "caller",
    waited_ms: 0,
    talked_ms,
  });

  it("believe history, keep what it does not know yet, and leave out yesterday", () => {
    const merged = mergedCalls([past("new", 300), past("both", 200, 1)], [past("both", 200, 9), past("old", 50)], 100);
    expect(merged.map((each) => [each.id, each.talked_ms])).toEqual([
      ["new", 0],
      ["both", 9],
    ]);
  });
});
