import type {
  AdaptationMessage,
  Contact,
  FaceQuality,
  Modality,
  ModalityRule,
  Setup,
  Status,
  VoiceQuality,
} from "../protocol";
import { type Access, type Device, SENSORS, type Sensor } from "./media";
import type { Link } from "./socket";

/** `unavailable`: we could not begin; the lesson goes on without us. */
export type Phase = "loading" | "choose" | "preview" | "running" | "unavailable";
/** What the learner wants now. `stopped` uses nothing at all. */
export type Use = "on" | "paused" | "stopped";
export type Ticked = Readonly<Record<Modality, boolean>>;
export type BadQuality =
  | Exclude<FaceQuality, "ok" | "off">
  | Exclude<VoiceQuality, "ok" | "off" | "silent">;

export interface LearnerState {
  readonly phase: Phase;
  readonly setup: Setup | null;
  readonly ticked: Ticked;
  /** Whether moments that the learner labels may be kept: a purpose of its own, no modality. */
  readonly calibration: boolean;
  /** A request is under way; buttons wait. */
  readonly busy: boolean;
  /** "Continue" was pressed with neither camera nor microphone ticked. */
  readonly nudge: boolean;
  readonly wanted: readonly Sensor[];
  readonly access: Access;
  readonly stream: MediaStream | null;
  readonly devices: readonly Device[];
  readonly camera: string;
  readonly microphone: string;
  readonly use: Use;
  readonly link: Link;
  readonly closeCode: number | null;
  readonly allowed: readonly Modality[];
  readonly status: Status | null;
  readonly quality: Quality;
  readonly offer: AdaptationMessage | null;
  /** What was done quietly, and is worth one line for a moment. */
  readonly quiet: AdaptationMessage | null;
  /** Somebody to talk to; stays until it is put away. */
  readonly contact: Contact | null;
  readonly why: boolean;
  /** What was noticed besides, of this offer; it comes some seconds after it was asked for. */
  readonly also: readonly string[];
  readonly note: Note | null;
  /** A code of the catalogue; null when all is well. */
  readonly error: string | null;
}

export type Note = "taken" | "fine" | "wrong" | "told" | "lighter";

/** Bad Windows in a row, by sensor; one dark second is not worth a word. */
export interface Quality {
  readonly face: FaceQuality;
  readonly faceRun: number;
  readonly voice: VoiceQuality;
  readonly voiceRun: number;
}
const WORTH_A_WORD = 5;

export const NOTHING: Ticked = {
  face: false,
  voice: false,
  text: false,
  interaction: false,
  self_report: false,
};
export const CLEAR: Quality = { face: "off", faceRun: 0, voice: "off", voiceRun: 0 };

export const initial: LearnerState = {
  phase: "loading",
  setup: null,
  ticked: NOTHING,
  calibration: false,
  busy: false,
  nudge: false,
  wanted: [],
  access: "none",
  stream: null,
  devices: [],
  camera: "",
  microphone: "",
  use: "on",
  link: "off",
  closeCode: null,
  allowed: [],
  status: null,
  quality: CLEAR,
  offer: null,
  quiet: null,
  contact: null,
  why: false,
  also: [],
  note: null,
  error: null,
};

// --- questions about the state ------------------------------------------------------------------

export function isSensor(modality: Modality): modality is Sensor {
  return modality === "face" || modality === "voice";
}

export function ruleOf(setup: Setup | null, modality: Modality): ModalityRule | undefined {
  return setup?.rules.find((rule) => rule.modality === modality);
}

export function isPermitted(setup: Setup | null, modality: Modality): boolean {
  return ruleOf(setup, modality)?.permitted === true;
}

/** Permitted by the gate, and the learner's own live consent. */
export function mayUse(setup: Setup | null, modality: Modality): boolean {
  const rule = ruleOf(setup, modality);
  return rule?.permitted === true && rule.consented;
}

export function ticksOf(setup: Setup | null, wants: (rule: ModalityRule) => boolean): Ticked {
  const ticks = { ...NOTHING };
  for (const rule of setup?.rules ?? []) ticks[rule.modality] = rule.permitted && wants(rule);
  return ticks;
}

/** What the learner chose earlier and may still be used. */
export function lastTime(setup: Setup | null): readonly Modality[] {
  return (setup?.rules ?? []).filter((r) => r.permitted && r.consented).map((r) => r.modality);
}

export function tickedSensors(state: LearnerState): readonly Sensor[] {
  return SENSORS.filter((sensor) => state.ticked[sensor]);
}

/** What is being used at this moment: a running track counts, whatever the server says. */
export function inUse(state: LearnerState): readonly Modality[] {
  if (state.phase !== "running" || state.use !== "on" || state.link === "closed") return [];
  const sensors = SENSORS.filter((s) => state.stream && hasLive(state.stream, s));
  return [...sensors, ...state.allowed.filter((m) => !isSensor(m))];
}

function hasLive(stream: MediaStream, sensor: Sensor): boolean {
  const tracks = sensor === "face" ? stream.getVideoTracks() : stream.getAudioTracks();
  return tracks.some((track) => track.readyState === "live");
}

/** What to tell the learner about picture or sound, once it has lasted. Silence is no fault. */
export function badQuality(state: LearnerState): BadQuality | null {
  if (state.use !== "on") return null;
  const { face, faceRun, voice, voiceRun } = state.quality;
  if (face !== "ok" && face !== "off" && faceRun >= WORTH_A_WORD) return face;
  const bad = voice !== "ok" && voice !== "off" && voice !== "silent";
  return bad && voiceRun >= WORTH_A_WORD ? voice : null;
}
