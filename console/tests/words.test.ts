import { describe, expect, it } from "vitest";
import { eventsUrl, sentenceOf } from "../src/api";
import { breakReason, caller, duration, needs, result } from "../src/format";
import { countPackets } from "../src/phone";
import { actionOf, type Pressed } from "../src/shortcuts";

const key = (change: Partial<Pressed>): Pressed => ({
  key: "a",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  typing: false,
  ...change,
});

describe("words", () => {
  it.each([
    [0, "0:00"],
    [61_000, "1:01"],
    [3_600_000, "1:00:00"],
    [-1, "0:00"],
  ])("%d ms read %s", (milliseconds, shown) => expect(duration(milliseconds)).toBe(shown));

  it("call a caller by name, else by number", () => {
    expect(caller({ caller_name: "Jonas", caller_number: "1" })).toBe("Jonas");
    expect(caller({ caller_name: "", caller_number: "1" })).toBe("1");
    expect(caller(null)).toBe("Unknown caller");
  });

  it("make a sentence of a problem", () => {
    expect(sentenceOf({ detail: "name or password is wrong" }, 401)).toBe("Name or password is wrong.");
    expect(sentenceOf({}, 500)).toBe("The server refused with status 500.");
    expect(sentenceOf(null, 502)).toBe("The server refused with status 502.");
  });

  it("show results that have no word of their own", () => expect(result("left_by_key")).toBe("left by key"));

  it("say what a call asks for, and why there is a break", () => {
    expect(needs("(german or spanish >= 50) and not trainee")).toBe("(german or spanish ≥ 50) and not trainee");
    expect(breakReason("missed_calls")).toBe("missed calls");
    expect(result("withdrawn")).toBe("Taken out of the line");
  });

  it("find the events over the page's own security", () => {
    expect(eventsUrl({ protocol: "https:", host: "acd.example" })).toBe("wss://acd.example/api/v1/events");
    expect(eventsUrl({ protocol: "http:", host: "localhost:8080" })).toBe("ws://localhost:8080/api/v1/events");
  });
});

describe("shortcuts", () => {
  it("act in their scene only", () => {
    expect(actionOf(key({ key: "a" }), "ringing")).toBe("answer");
    expect(actionOf(key({ key: "A" }), "ringing")).toBe("answer");
    expect(actionOf(key({ key: "a" }), "talking")).toBeNull();
    expect(actionOf(key({ key: "h" }), "idle")).toBeNull();
  });

  it("are silent while somebody types, holds a key, or means the browser", () => {
    for (const change of [{ typing: true }, { repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
      expect(actionOf(key(change), "ringing")).toBeNull();
    }
  });
});

describe("packets", () => {
  it("are counted for audio alone", () => {
    const report = new Map<string, unknown>([
      ["1", { type: "inbound-rtp", kind: "audio", packetsReceived: 40, packetsLost: 2 }],
      ["2", { type: "outbound-rtp", kind: "audio", packetsSent: 50 }],
      ["3", { type: "inbound-rtp", kind: "video", packetsReceived: 999 }],
      ["4", { type: "transport" }],
    ]);
    expect(countPackets(report)).toEqual({ packetsSent: 50, packetsReceived: 40, packetsLost: 2 });
  });
});
