// The ring: two soft notes, made here, so that no file has to be fetched when it matters.

const NOTES = [587.33, 440]; // D5, A4
const PERIOD_MS = 2_400;

export class Ringer {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Browsers let a page sound only after the person touched it: call this from a click or a key. */
  unlock(): void {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") void this.context.resume();
  }

  start(): void {
    if (this.timer !== undefined) return;
    this.context ??= new AudioContext();
    this.chime();
    this.timer = setInterval(() => this.chime(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private chime(): void {
    const context = this.context;
    if (context === null || context.state !== "running") return;
    NOTES.forEach((frequency, index) => {
      const begin = context.currentTime + index * 0.28;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.type = "sine";
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(0.16, begin + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.9);
      tone.connect(volume).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + 1);
    });
  }
}
