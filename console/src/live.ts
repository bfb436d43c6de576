// The event stream: connects, notices silence, and connects again for a fresh snapshot. Forever, until closed.

import type { Message } from "./desk";

const SILENCE_MS = 40_000; // the server ticks every 15 s
const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 8_000;

export interface Ears {
  message(message: Message): void;
  lost(): void;
  /** The server ended the session. */
  over(): void;
}

const SESSION_OVER = 1008;

export function listen(url: string, ears: Ears): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let retry = FIRST_RETRY_MS;
  let closed = false;

  function connect(): void {
    const opened = new WebSocket(url);
    socket = opened;
    heard();
    opened.onmessage = (event) => {
      heard();
      retry = FIRST_RETRY_MS;
      ears.message(JSON.parse(String(event.data)) as Message);
    };
    opened.onclose = (event) => {
      if (closed || socket !== opened) return;
      clearTimeout(silence);
      if (event.code === SESSION_OVER) {
        closed = true;
        ears.over();
        return;
      }
      ears.lost();
      again();
    };
  }

  function heard(): void {
    clearTimeout(silence);
    silence = setTimeout(() => {
      // Dead without a close: some networks swallow it. Do not wait for the browser to find out.
      const dead = socket;
      socket = null;
      dead?.close();
      ears.lost();
      again();
    }, SILENCE_MS);
  }

  function again(): void {
    clearTimeout(timer);
    // Spread, so that a hundred pages do not come back in the same instant.
    timer = setTimeout(connect, retry * (0.5 + Math.random()));
    retry = Math.min(LONGEST_RETRY_MS, retry * 2);
  }

  function online(): void {
    if (socket?.readyState === WebSocket.OPEN || closed) return;
    clearTimeout(timer);
    connect();
  }

  window.addEventListener("online", online);
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    clearTimeout(silence);
    window.removeEventListener("online", online);
    socket?.close();
  };
}
