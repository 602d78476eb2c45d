import type { FromLearner, IceServer, RtcAnswer } from "../protocol";
import { backoffMs } from "./backoff";
import { Care } from "./care";
import { type Choice, type Opened, openMedia, type Sensor, stopMedia } from "./media";
import { Peer, type PeerFactory } from "./peer";
import type { Step } from "./quality";

/**
 * Peers that failed one after the other, and for so long, before we give up and let the camera go: a
 * relay that is away refuses all six within seconds, and may be back within a minute.
 */
const MOST_FAILURES = 6;
const GIVE_UP_MS = 60_000;
/** A connection that held so long was a good one: what fails after it begins a new count. */
const STABLE_MS = 10_000;

export interface SensingHandlers {
  send(message: FromLearner): void;
  /** The server is there but does not answer offers: only a new socket helps. */
  restartSocket(): void;
  /** Nothing comes on the media's path: is the socket's still there? */
  doubtSocket(): void;
  /** Less than was agreed to is sent now, or more of it again. */
  step(step: Step): void;
  /**
   * A device went away, no path to the server was found, or line or machine are too slow even for
   * sound; the tracks have been stopped.
   */
  gone(code: "device_lost" | "media_failed" | "too_slow"): void;
}

/** The learner's own camera and microphone, and the peer that carries them. */
export class Sensing {
  private media: MediaStream | null = null;
  private peer: Peer | null = null;
  private ice: readonly IceServer[] = [];
  /** From then on a relay would refuse what we have. */
  private staleAt = 0;
  private failures = 0;
  private failingSince = 0;
  private connectedAt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;
  private paused = false;
  private readonly care: Care;

  constructor(
    private readonly handlers: SensingHandlers,
    private readonly createPeer?: PeerFactory,
  ) {
    this.care = new Care({ step: (step) => this.stepped(step), silent: () => this.unheard() }, () =>
      this.sensors(),
    );
  }

  get stream(): MediaStream | null {
    return this.media;
  }

  /** Ask for the devices, letting earlier ones go; null when a later call overtook this one. */
  async open(wanted: readonly Sensor[], choice: Choice): Promise<Opened | null> {
    this.release();
    this.turn += 1;
    this.failures = 0;
    this.care.reset();
    const turn = this.turn;
    const opened = await openMedia(wanted, choice);
    if (turn !== this.turn) {
      stopMedia(opened.stream);
      return null;
    }
    this.media = opened.stream;
    for (const track of opened.stream?.getTracks() ?? []) track.onended = () => this.ended();
    return opened;
  }

  /** A fresh socket: whatever peer there was died with the old one. */
  connect(ice: readonly IceServer[], forS: number): void {
    this.ice = ice;
    this.staleAt = Date.now() + forS * 1000;
    this.hangUp();
    this.call();
  }

  answer({ sdp }: RtcAnswer): void {
    void this.peer?.answer(sdp);
  }

  /** The server said that this peer is no good. */
  replace(): void {
    if (this.peer) this.lost(false);
  }

  /** The network may be another one: a peer that hears nothing is replaced soon. */
  check(): void {
    if (!this.peer) return;
    if (this.peer.connected) void this.care.check();
    else if (this.connectedAt > 0) this.unheard();
  }

  hangUp(): void {
    clearTimeout(this.retry);
    this.care.stop();
    this.peer?.close();
    this.peer = null;
  }

  pause(paused: boolean): void {
    this.paused = paused;
    for (const track of this.media?.getTracks() ?? []) track.enabled = !paused;
  }

  /** Keep only what may still be used. */
  restrict(allowed: readonly Sensor[]): void {
    for (const track of this.media?.getTracks() ?? []) {
      if (allowed.includes(track.kind === "video" ? "face" : "voice")) continue;
      track.onended = null;
      track.stop();
      this.media?.removeTrack(track);
    }
    if (this.media?.getTracks().length === 0) this.release();
  }

  /** Tracks stopped, peer closed: the camera's light goes out. */
  release(): void {
    this.turn += 1;
    this.hangUp();
    for (const track of this.media?.getTracks() ?? []) track.onended = null;
    stopMedia(this.media);
    this.media = null;
    this.paused = false;
  }

  private call(): void {
    if (!this.media) return;
    this.pause(this.paused);
    const peer = new Peer(
      this.ice,
      {
        send: (message) => this.handlers.send(message),
        connected: () => this.connected(peer),
        lost: (unanswered) => this.lost(unanswered),
      },
      this.createPeer,
    );
    this.peer = peer;
    void peer.start(this.media, this.care.step);
  }

  private connected(peer: Peer): void {
    if (peer !== this.peer) return;
    this.connectedAt = Date.now();
    this.care.watch(peer);
    if (this.care.step === "sound") this.tell(); // this peer of the server does not know it
  }

  private stepped(step: Step): void {
    if (step === "none") {
      this.release();
      this.handlers.gone("too_slow");
      return;
    }
    this.tell();
    this.handlers.step(step);
  }

  /** What is not sent is not missing: the server must not wait for a picture. */
  private tell(): void {
    const sent = this.sensors().filter((s) => s === "voice" || this.care.step !== "sound");
    const [first, ...rest] = sent;
    if (first) this.handlers.send({ type: "media_sending", sensors: [first, ...rest] });
  }

  private sensors(): readonly Sensor[] {
    return (this.media?.getTracks() ?? []).map((t) => (t.kind === "video" ? "face" : "voice"));
  }

  /**
   * A path that is gone is replaced soon, whatever else failed before; one after the other would be
   * a storm, and so would a class whose server was silent for all of it, without any chance in it.
   */
  private unheard(): void {
    this.handlers.doubtSocket();
    if (Date.now() - this.connectedAt < STABLE_MS) this.lost(false);
    else {
      this.hangUp();
      this.connectedAt = 0;
      this.failed(1);
      this.retry = setTimeout(() => this.call(), backoffMs(this.failures));
    }
  }

  private lost(unanswered: boolean): void {
    this.hangUp();
    const held = this.connectedAt > 0 && Date.now() - this.connectedAt > STABLE_MS;
    this.connectedAt = 0;
    this.failed(held ? 1 : this.failures + 1);
    if (this.failures >= MOST_FAILURES && Date.now() - this.failingSince >= GIVE_UP_MS) {
      this.release();
      this.handlers.gone("media_failed");
    } else if (unanswered || Date.now() > this.staleAt) {
      // An answer may still be on the way, and would be taken for the next offer's; or the
      // credentials are too old, and a new socket brings others.
      this.handlers.restartSocket();
    } else {
      this.retry = setTimeout(() => this.call(), backoffMs(this.failures));
    }
  }

  private failed(times: number): void {
    if (times === 1) this.failingSince = Date.now();
    this.failures = times;
  }

  private ended(): void {
    const live = this.media?.getTracks().some((track) => track.readyState === "live");
    if (!live) this.release();
    this.handlers.gone("device_lost");
  }
}
