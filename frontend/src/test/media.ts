import { vi } from "vitest";
import type { PeerFactory } from "../core/peer";

/** A camera or microphone: runs until it is stopped. */
export class FakeTrack {
  readyState: "live" | "ended" = "live";
  enabled = true;
  contentHint = "";
  onended: (() => void) | null = null;

  constructor(readonly kind: "video" | "audio") {}

  stop(): void {
    this.readyState = "ended";
  }
  /** The device was pulled out. */
  unplug(): void {
    this.readyState = "ended";
    this.onended?.();
  }
  getSettings(): MediaTrackSettings {
    return { deviceId: this.kind };
  }
}

export class FakeStream {
  constructor(public tracks: FakeTrack[]) {}
  getTracks = (): FakeTrack[] => [...this.tracks];
  getVideoTracks = (): FakeTrack[] => this.tracks.filter((track) => track.kind === "video");
  getAudioTracks = (): FakeTrack[] => this.tracks.filter((track) => track.kind === "audio");
  removeTrack = (gone: FakeTrack): void => {
    this.tracks = this.tracks.filter((track) => track !== gone);
  };
}

/** Stands in for the browser's devices; remembers what it was asked for. */
export class FakeDevices {
  readonly asked: MediaStreamConstraints[] = [];
  readonly streams: FakeStream[] = [];
  refuse: string | null = null;

  install(): void {
    vi.stubGlobal("RTCPeerConnection", class {});
    Object.defineProperty(navigator, "mediaDevices", { value: this, configurable: true });
  }

  getUserMedia = async (wanted: MediaStreamConstraints): Promise<FakeStream> => {
    this.asked.push(wanted);
    if (this.refuse) throw Object.assign(new Error("refused"), { name: this.refuse });
    const kinds = [wanted.video && "video", wanted.audio && "audio"] as const;
    const tracks = kinds.flatMap((kind) => (kind ? [new FakeTrack(kind)] : []));
    const stream = new FakeStream(tracks);
    this.streams.push(stream);
    return stream;
  };

  enumerateDevices = async (): Promise<object[]> => [
    { kind: "videoinput", deviceId: "video", label: "Camera" },
    { kind: "audioinput", deviceId: "audio", label: "Microphone" },
    { kind: "audiooutput", deviceId: "loud", label: "Speaker" },
  ];

  get tracks(): FakeTrack[] {
    return this.streams.flatMap((stream) => stream.tracks);
  }
}

/** Changes what its transceiver was made with, so that a test sees it there. */
class FakeSender {
  constructor(
    readonly track: FakeTrack,
    private readonly init: RTCRtpTransceiverInit,
  ) {}
  getParameters(): { encodings: RTCRtpEncodingParameters[] } {
    return { encodings: (this.init.sendEncodings ?? []).map((encoding) => ({ ...encoding })) };
  }
  async setParameters({ encodings }: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    this.init.sendEncodings = encodings;
  }
}

/** The half of RTCPeerConnection that we use. */
export class FakePeer {
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly senders: [FakeTrack, RTCRtpTransceiverInit][] = [];
  remote: string | null = null;
  closed = false;
  /** What its statistics say; bytes keep coming unless `silent`. */
  stats: Record<string, unknown>[] = [];
  silent = false;
  private bytes = 0;

  constructor(readonly config: RTCConfiguration) {}

  addTransceiver(track: FakeTrack, init: RTCRtpTransceiverInit): void {
    this.senders.push([track, init]);
  }
  async createOffer(): Promise<{ sdp: string }> {
    return { sdp: "offer" };
  }
  async setLocalDescription(offer: { sdp: string }): Promise<void> {
    this.localDescription = offer;
    this.onicecandidate?.({ candidate: { candidate: "host", sdpMid: "0", sdpMLineIndex: 0 } });
  }
  async setRemoteDescription(answer: { sdp: string }): Promise<void> {
    this.remote = answer.sdp;
  }
  async getStats(): Promise<Map<string, unknown>> {
    if (!this.silent) this.bytes += 100;
    const pair = {
      type: "candidate-pair",
      nominated: true,
      state: "succeeded",
      bytesReceived: this.bytes,
    };
    return new Map([pair, ...this.stats].map((entry, at) => [`${at}`, entry]));
  }
  getSenders(): FakeSender[] {
    return this.senders.map(([track, init]) => new FakeSender(track, init));
  }
  close(): void {
    this.closed = true;
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

export function fakePeers(): { create: PeerFactory; made: FakePeer[] } {
  const made: FakePeer[] = [];
  const create = (config: RTCConfiguration): RTCPeerConnection => {
    const peer = new FakePeer(config);
    made.push(peer);
    return peer as unknown as RTCPeerConnection;
  };
  return { create, made };
}
