import type { FromLearner, IceServer } from "../protocol";
import type { Sensor } from "./media";
import { encodingOf, type Step } from "./quality";
import { type Vitals, vitalsOf } from "./vitals";

/**
 * How long a lost path may take to come back by itself before a new peer is worth it: the browser
 * says `disconnected` only after seconds without an answer.
 */
const DISCONNECTED_MS = 1_500;
/** An answer takes milliseconds; an offer without one went into a dead socket. */
const ANSWER_MS = 5_000;
const CONNECT_MS = 15_000;

export interface PeerHandlers {
  send(message: FromLearner): void;
  connected(): void;
  /** This peer is over; `unanswered` says that the server never replied to its offer. */
  lost(unanswered: boolean): void;
}

export type PeerFactory = (config: RTCConfiguration) => RTCPeerConnection;

/** One peer connection, used once: what is lost is replaced, never repaired. */
export class Peer {
  private readonly rtc: RTCPeerConnection;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private offered = false;
  private answered = false;
  private held: FromLearner[] = [];
  private over = false;

  constructor(
    ice: readonly IceServer[],
    private readonly handlers: PeerHandlers,
    create: PeerFactory = (config) => new RTCPeerConnection(config),
  ) {
    this.rtc = create({ iceServers: ice.map(iceServer) });
    this.rtc.onicecandidate = ({ candidate }) => this.candidate(candidate);
    this.rtc.onconnectionstatechange = () => this.changed();
  }

  async start(stream: MediaStream, step: Step = "full"): Promise<void> {
    this.limit(CONNECT_MS);
    const sensors: Sensor[] = [];
    for (const track of stream.getTracks()) {
      sensors.push(track.kind === "video" ? "face" : "voice");
      this.rtc.addTransceiver(track, {
        direction: "sendonly",
        streams: [stream],
        sendEncodings: [encodingOf(track.kind, step)],
      });
    }
    const [first, ...rest] = sensors;
    if (!first) return this.fail();
    try {
      await this.rtc.setLocalDescription(await this.rtc.createOffer());
    } catch {
      return this.fail();
    }
    const sdp = this.rtc.localDescription?.sdp;
    if (this.over || !sdp) return;
    this.offered = true;
    this.limit(ANSWER_MS);
    this.handlers.send({ type: "rtc_offer", sdp, modalities: [first, ...rest] });
    for (const message of this.held) this.handlers.send(message);
    this.held = [];
  }

  async answer(sdp: string): Promise<void> {
    if (this.over || this.answered) return;
    this.answered = true;
    this.limit(CONNECT_MS);
    try {
      await this.rtc.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.fail();
    }
  }

  get connected(): boolean {
    return !this.over && this.rtc.connectionState === "connected";
  }

  /** How it goes; null when it is over. `blocked`: the share of the time that the page could not act. */
  async vitals(blocked: number): Promise<Vitals | null> {
    if (this.over) return null;
    const report = await this.rtc.getStats().catch(() => null);
    return report && !this.over ? vitalsOf(report.values(), blocked) : null;
  }

  /** Send as much as this step allows. What a browser cannot change stays as it is. */
  async apply(step: Step): Promise<void> {
    for (const sender of this.over ? [] : this.rtc.getSenders()) {
      const parameters = sender.getParameters();
      const [first] = parameters.encodings;
      if (!sender.track || !first) continue;
      Object.assign(first, encodingOf(sender.track.kind, step));
      await sender.setParameters(parameters).catch(() => undefined);
    }
  }

  close(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.rtc.onicecandidate = this.rtc.onconnectionstatechange = null;
    this.rtc.close();
  }

  private candidate(found: RTCIceCandidate | null): void {
    if (this.over) return;
    const message: FromLearner = {
      type: "rtc_candidate",
      candidate: found?.candidate ?? "",
      sdp_mid: found?.sdpMid ?? null,
      sdp_mline_index: found?.sdpMLineIndex ?? null,
    };
    // A candidate means nothing to the server before the offer it belongs to.
    if (this.offered) this.handlers.send(message);
    else this.held.push(message);
  }

  private changed(): void {
    const state = this.rtc.connectionState;
    if (state === "connected") {
      clearTimeout(this.timer);
      this.handlers.connected();
    } else if (state === "disconnected") this.limit(DISCONNECTED_MS);
    else if (state === "failed" || state === "closed") this.fail();
  }

  private limit(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail(), ms);
  }

  private fail(): void {
    if (this.over) return;
    this.close();
    this.handlers.lost(!this.answered);
  }
}

function iceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return { urls, ...(username && { username }), ...(credential && { credential }) };
}
