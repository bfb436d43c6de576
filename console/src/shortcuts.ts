// One key for each thing that has to go fast.

import type { Scene } from "./desk";

export type Action = "answer" | "decline" | "mute" | "hang_up" | "done" | "ready" | "break";

const KEYS: Record<string, { action: Action; scenes: Scene[] }> = {
  a: { action: "answer", scenes: ["ringing"] },
  d: { action: "decline", scenes: ["ringing"] },
  m: { action: "mute", scenes: ["talking"] },
  h: { action: "hang_up", scenes: ["talking", "connecting"] },
  w: { action: "done", scenes: ["wrap_up"] },
  r: { action: "ready", scenes: ["on_break", "logged_out", "talking", "wrap_up"] },
  b: { action: "break", scenes: ["idle", "logged_out", "talking", "wrap_up"] },
};

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
  /** Whether a field is being typed in. */
  typing: boolean;
}

/** What this key means in this scene; null if nothing. A key that is held down means nothing twice. */
export function actionOf(pressed: Pressed, scene: Scene): Action | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.repeat || pressed.typing) return null;
  const known = KEYS[pressed.key.toLowerCase()];
  return known !== undefined && known.scenes.includes(scene) ? known.action : null;
}
