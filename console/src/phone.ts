// The agent's phone in this browser: registers, stays registered, rings, talks. It never calls out.

import { UA, WebSocketInterface } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { PhoneSetup } from "./api";
import type { PhoneState, SipCall } from "./desk";

export interface PhoneEars {
  state(state: PhoneState, problem: string): void;
  setup(setup: PhoneSetup): void;
  call(call: SipCall | null): void;
  notice(sentence: string): void;
}

export interface RtpCounts {
  packetsSent: number;
  packetsReceived: number;
  packetsLost: number;
}

export const NO_PACKETS: RtpCounts = { packetsSent: 0, packetsReceived: 0, packetsLost: 0 };

const DECLINE = 603; // the switch takes it for "rejected"; 486 would be "busy", 480 "did not answer"
const BUSY = 486;
const RETRY_MS = 3_000;
/** A switch that is just starting swallows requests, and SIP would wait 32 s for an answer. */
const REGISTER_MS = 3_000;
const AT_ONCE_MS = 300;
const STATS_MS = 1_000;
const SILENT_AFTER = 5; // seconds without a packet
/** How long candidates are collected after the first: every further one costs the caller silence. */
const GATHER_MS = 250;
const GATHER_WITH_SERVERS_MS = 1_500;

export class Phone {
  rtp: RtpCounts = NO_PACKETS;

  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private shown: SipCall | null = null;
  private readonly sound = new Audio();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private unanswered: ReturnType<typeof setTimeout> | undefined;
  private stats: ReturnType<typeof setInterval> | undefined;
  private stopped = false;
  private wasRegistered = false;
  private release: (() => void) | null = null;
  private iceServers: RTCIceServer[] = [];
  private autoAnswer = false;

  constructor(
    private readonly fetchSetup: () => Promise<PhoneSetup>,
    private readonly ears: PhoneEars,
  ) {
    this.sound.autoplay = true;
  }

  /** Take the phone: of several tabs only one rings; the next takes over when that one closes. */
  async start(): Promise<void> {
    this.stopped = false;
    const locks: LockManager | undefined = navigator.locks;
    if (locks === undefined) return this.begin();
    const held = new Promise<void>((resolve) => (this.release = resolve));
    const free = await new Promise<boolean>((resolve) => {
      void locks.request("stasis-acd-phone", { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : held;
      });
    });
    if (free) return this.begin();
    this.ears.state("none", "The phone is in another tab of this browser.");
    void locks.request("stasis-acd-phone", () => {
      if (this.stopped) return undefined;
      void this.begin();
      return held;
    });
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    clearTimeout(this.unanswered);
    this.session?.terminate();
    this.ua?.stop();
    this.ua = null;
    this.release?.();
  }

  answer(): void {
    const session = this.session;
    if (session === null || this.shown?.state !== "ringing") return;
    this.show({ ...this.shown, state: "answering" });
    session.answer({
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: this.iceServers },
    });
  }

  decline(): void {
    if (this.shown?.state === "ringing") this.session?.terminate({ status_code: DECLINE, reason_phrase: "Decline" });
  }

  hangUp(): void {
    this.session?.terminate();
  }

  toggleMute(): void {
    if (this.session === null || this.shown?.state !== "talking") return;
    if (this.shown.muted) this.session.unmute({ audio: true });
    else this.session.mute({ audio: true });
    this.show({ ...this.shown, muted: !this.shown.muted });
  }

  private async begin(): Promise<void> {
    clearTimeout(this.retry);
    if (this.stopped) return;
    try {
      const setup = await this.fetchSetup();
      this.ears.setup(setup);
      if (setup.kind !== "pushed") return this.ears.state("none", "");
      if (setup.registration === null) {
        return this.later("starting", "The switch does not know your phone yet.");
      }
      const problem = await microphoneProblem();
      // Registering without a microphone would make calls ring that nobody can take.
      if (problem) return this.later("starting", problem);
      if (this.stopped) return;
      this.register(setup);
    } catch (error) {
      this.later(this.wasRegistered ? "lost" : "starting", error instanceof Error ? error.message : String(error));
    }
  }

  private later(state: PhoneState, problem: string, delay = RETRY_MS): void {
    this.ears.state(state, problem);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.begin(), delay);
  }

  /** Ask for the credentials again, and register with them. Not during a call: it would end. */
  private anew(ua: UA, delay: number, state: PhoneState = this.wasRegistered ? "lost" : "registering"): void {
    clearTimeout(this.unanswered);
    if (this.stopped || this.ua !== ua) return;
    if (this.session !== null) return this.ears.state(state, "");
    this.ua = null;
    ua.stop();
    this.later(state, "", delay);
  }

  private register(setup: PhoneSetup): void {
    const registration = setup.registration;
    if (registration === null) return;
    this.iceServers = setup.ice_servers;
    this.autoAnswer = setup.auto_answer;
    this.ears.state("registering", "");
    const ua = new UA({
      sockets: [new WebSocketInterface(registration.websocket_url)],
      uri: `sip:${registration.identity}@${registration.sip_domain}`,
      authorization_user: registration.identity,
      password: registration.secret,
      display_name: registration.display_name,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: "stasis-acd desk",
    });
    ua.on("connected", () => {
      clearTimeout(this.unanswered);
      this.unanswered = setTimeout(() => this.anew(ua, AT_ONCE_MS), REGISTER_MS);
    });
    ua.on("registered", () => {
      clearTimeout(this.unanswered);
      this.wasRegistered = true;
      this.ears.state("registered", "");
    });
    ua.on("disconnected", () => {
      clearTimeout(this.unanswered);
      if (!this.stopped && this.ua === ua) this.ears.state(this.wasRegistered ? "lost" : "registering", "");
    });
    ua.on("registrationFailed", (event: { response?: { status_code?: number } | null }) => {
      if (this.stopped || this.ua !== ua) return;
      const status = event.response?.status_code ?? 0;
      // Refused means that what we know may be out of date; without an answer the connection is made anew.
      if (status === 401 || status === 403 || status === 404) this.anew(ua, RETRY_MS, "refused");
      else if (ua.isConnected()) this.anew(ua, AT_ONCE_MS);
    });
    ua.on("newRTCSession", (event: { originator: string; session: RTCSession; request: unknown }) => {
      if (event.originator === "remote") this.ring(event.session, event.request as SipRequest);
    });
    this.ua = ua;
    ua.start();
  }

  private ring(session: RTCSession, request: SipRequest): void {
    if (this.session !== null) {
      session.terminate({ status_code: BUSY, reason_phrase: "Busy Here" });
      return;
    }
    this.session = session;
    this.rtp = NO_PACKETS;
    session.on("peerconnection", (event: { peerconnection: RTCPeerConnection }) => {
      event.peerconnection.addEventListener("track", (track) => {
        this.sound.srcObject = track.streams[0] ?? new MediaStream([track.track]);
      });
    });
    let gathering: ReturnType<typeof setTimeout> | undefined;
    session.on("icecandidate", (event: { ready: () => void }) => {
      gathering ??= setTimeout(event.ready, this.iceServers.length > 0 ? GATHER_WITH_SERVERS_MS : GATHER_MS);
    });
    session.on("confirmed", () => {
      if (this.shown !== null) this.show({ ...this.shown, state: "talking", since: Date.now() });
      this.watchPackets(session);
    });
    session.on("failed", (event: { originator: string; cause: string }) => {
      if (event.originator === "local" && event.cause === "User Denied Media Access") {
        this.ears.notice("The call could not be taken: this page may not use the microphone.");
      }
      this.over(session);
    });
    session.on("ended", () => this.over(session));
    this.show({
      state: "ringing",
      offer: request.getHeader("X-Acd-Offer") ?? null,
      from: request.from.display_name || request.from.uri.user || "",
      muted: false,
      since: Date.now(),
      silent: false,
    });
    if (this.autoAnswer) this.answer();
  }

  private over(session: RTCSession): void {
    if (this.session !== session) return;
    clearInterval(this.stats);
    this.session = null;
    this.sound.srcObject = null;
    this.show(null);
    const ua = this.ua;
    if (ua !== null && ua.isConnected() && !ua.isRegistered()) this.anew(ua, AT_ONCE_MS);
  }

  private show(call: SipCall | null): void {
    this.shown = call;
    this.ears.call(call);
  }

  private watchPackets(session: RTCSession): void {
    let still = 0;
    clearInterval(this.stats);
    this.stats = setInterval(async () => {
      const connection = session.connection as unknown as RTCPeerConnection;
      const before = this.rtp.packetsReceived;
      const counts = countPackets(await connection.getStats());
      if (this.session !== session || this.shown === null) return;
      this.rtp = counts;
      still = counts.packetsReceived > before ? 0 : still + 1;
      const silent = still >= SILENT_AFTER;
      if (silent !== this.shown.silent) this.show({ ...this.shown, silent });
    }, STATS_MS);
  }
}

interface SipRequest {
  getHeader(name: string): string | undefined;
  from: { display_name: string; uri: { user: string | null } };
}

export function countPackets(report: Iterable<[string, unknown]>): RtpCounts {
  let { packetsSent, packetsReceived, packetsLost } = NO_PACKETS;
  for (const [, entry] of report) {
    const stat = entry as { type?: string; kind?: string } & Partial<RtpCounts>;
    if (stat.kind !== "audio") continue;
    if (stat.type === "outbound-rtp") packetsSent += stat.packetsSent ?? 0;
    if (stat.type === "inbound-rtp") {
      packetsReceived += stat.packetsReceived ?? 0;
      packetsLost += stat.packetsLost ?? 0;
    }
  }
  return { packetsSent, packetsReceived, packetsLost };
}

async function microphoneProblem(): Promise<string> {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined) return "The browser lends the microphone to https pages only. Tell your supervisor.";
  try {
    const stream = await devices.getUserMedia({ audio: true });
    stream.getTracks().forEach((track) => track.stop());
    return "";
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotFoundError") return "There is no microphone: plug in your headset.";
    if (name === "NotReadableError") return "Another program holds the microphone: close it.";
    return "This page may not use the microphone: allow it beside the address.";
  }
}
