import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../src/desk";
import { listen } from "../src/live";

class FakeSocket {
  static made: FakeSocket[] = [];
  static readonly OPEN = 1;
  readyState = 1;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  close(): void {
    this.readyState = 3;
  }
}

const tick = JSON.stringify({ type: "tick", at: 1 });

describe("the event stream", () => {
  const heard: Message[] = [];
  let lost = 0;
  let over = 0;
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.made = [];
    heard.length = lost = over = 0;
    stop = listen("ws://x/events", { message: (message) => heard.push(message), lost: () => lost++, over: () => over++ });
  });

  afterEach(() => {
    stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("connects again after a loss, ever more patiently", () => {
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      const before = Date.now();
      FakeSocket.made.at(-1)?.onclose?.({ code: 1006 });
      vi.advanceTimersToNextTimer();
      waits.push(Date.now() - before);
    }
    expect(FakeSocket.made).toHaveLength(8);
    expect(lost).toBe(7);
    expect(waits[0]).toBeLessThanOrEqual(600);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_000);
  });

  it("takes silence for a loss", () => {
    FakeSocket.made[0]?.onmessage?.({ data: tick });
    vi.advanceTimersByTime(39_000);
    expect(lost).toBe(0);
    vi.advanceTimersByTime(1_500);
    expect(lost).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("does not come back when the session is over, or when it was closed", () => {
    FakeSocket.made[0]?.onclose?.({ code: 1008 });
    vi.advanceTimersByTime(60_000);
    expect([over, FakeSocket.made.length]).toEqual([1, 1]);
  });
});
