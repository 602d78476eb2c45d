/** What camera and microphone are for on the wire. */
export type Sensor = "face" | "voice";
export const SENSORS: readonly Sensor[] = ["face", "voice"];

/** Whether the browser gave us what was asked for, and if not, why. */
export type Access = "none" | "asking" | "ready" | "denied" | "no_device" | "in_use" | "impossible";

/** Small and slow on purpose: the server reads five frames a second of 320x240. */
export const FRAME_WIDTH_PX = 320;
export const FRAME_HEIGHT_PX = 240;
export const FRAMES_PER_S = 10;

export interface Choice {
  camera: string;
  microphone: string;
}

export function constraints(wanted: readonly Sensor[], choice: Choice): MediaStreamConstraints {
  const video: MediaTrackConstraints = {
    width: { ideal: FRAME_WIDTH_PX },
    height: { ideal: FRAME_HEIGHT_PX },
    frameRate: { ideal: FRAMES_PER_S },
    facingMode: "user",
  };
  // Gain that follows the voice would hide how loud it is, which is one of the measures.
  const audio: MediaTrackConstraints = {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: false,
    channelCount: { ideal: 1 },
  };
  if (choice.camera) video.deviceId = { exact: choice.camera };
  if (choice.microphone) audio.deviceId = { exact: choice.microphone };
  return {
    video: wanted.includes("face") && video,
    audio: wanted.includes("voice") && audio,
  };
}

export type Opened = { access: "ready"; stream: MediaStream } | { access: Access; stream: null };

/** Ask the browser; never throws. */
export async function openMedia(wanted: readonly Sensor[], choice: Choice): Promise<Opened> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  // Absent on a page that is not https, and in some embedded browsers.
  if (!devices?.getUserMedia || typeof RTCPeerConnection === "undefined")
    return { access: "impossible", stream: null };
  try {
    const stream = await devices.getUserMedia(constraints(wanted, choice));
    for (const track of stream.getVideoTracks()) track.contentHint = "motion";
    for (const track of stream.getAudioTracks()) track.contentHint = "speech";
    return { access: "ready", stream };
  } catch (error) {
    const name = (error as { name?: unknown }).name;
    if (name === "OverconstrainedError" && (choice.camera || choice.microphone))
      return openMedia(wanted, { camera: "", microphone: "" }); // the device was unplugged
    return { access: accessOf(name), stream: null };
  }
}

function accessOf(name: unknown): Access {
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no_device";
  if (name === "NotReadableError" || name === "AbortError") return "in_use";
  return "denied";
}

/** Off, not muted: the camera's light goes out. */
export function stopMedia(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export interface Device {
  id: string;
  kind: "camera" | "microphone";
  label: string;
}

/** Cameras and microphones by name; call it after access was given, before that they have none. */
export async function listDevices(): Promise<Device[]> {
  const found = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return found
    .filter((d) => d.kind !== "audiooutput" && d.deviceId)
    .map((d) => ({
      id: d.deviceId,
      kind: d.kind === "videoinput" ? "camera" : "microphone",
      label: d.label,
    }));
}

/** How loud it is now, 0 to 1, for the preview; nothing of it leaves the page. */
export class LevelMeter {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(stream: MediaStream) {
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    void this.context.resume();
  }

  /** RMS on a scale from -60 dB (0) to -10 dB (1). */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    const db = 10 * Math.log10(sum / this.samples.length + 1e-12);
    return Math.min(1, Math.max(0, (db + 60) / 50));
  }

  close(): void {
    void this.context.close();
  }
}
