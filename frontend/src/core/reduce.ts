import type {
  AdaptationMessage,
  Contact,
  FaceQuality,
  Modality,
  ModalityRule,
  Setup,
  Status,
  VoiceQuality,
  WindowReport,
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

export type Note = "taken" | "fine" | "wrong" | "told";

/** Bad Windows in a row, by sensor; one dark second is not worth a word. */
export interface Quality {
  readonly face: FaceQuality;
  readonly faceRun: number;
  readonly voice: VoiceQuality;
  readonly voiceRun: number;
}
const WORTH_A_WORD = 5;

export type Action =
  | { do: "loaded"; setup: Setup }
  | { do: "failed"; code: string }
  | { do: "unavailable"; code: string }
  | { do: "tick"; modality: Modality; on: boolean }
  | { do: "tick_calibration"; on: boolean }
  | { do: "as_last_time" }
  | { do: "without_sensors" }
  | { do: "nudge" }
  | { do: "busy"; busy: boolean }
  | { do: "choose" }
  | { do: "preview"; wanted: readonly Sensor[] }
  | { do: "media"; access: Access; stream: MediaStream | null }
  | { do: "devices"; devices: readonly Device[] }
  | { do: "device"; kind: Device["kind"]; id: string }
  | { do: "begin" }
  | { do: "use"; use: Use }
  | { do: "link"; link: Link; closeCode: number | null }
  | { do: "welcome"; allowed: readonly Modality[] }
  | { do: "status"; status: Status }
  | { do: "window"; report: WindowReport }
  | { do: "offer"; offer: AdaptationMessage }
  | { do: "quiet"; quiet: AdaptationMessage | null }
  | { do: "contact"; contact: Contact | null }
  | { do: "why" }
  | { do: "also"; adaptation: number; claims: readonly string[] }
  | { do: "answered"; note: Note | null }
  | { do: "note"; note: Note | null }
  | { do: "error"; code: string | null };

const NOTHING: Ticked = {
  face: false,
  voice: false,
  text: false,
  interaction: false,
  self_report: false,
};
const UNTICKED = { ticked: NOTHING, calibration: false } as const;
const CLEAR: Quality = { face: "off", faceRun: 0, voice: "off", voiceRun: 0 };

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

/** The whole behaviour of the panel as one pure function. */
export function reduce(state: LearnerState, action: Action): LearnerState {
  switch (action.do) {
    case "loaded":
      return { ...state, setup: action.setup, busy: false, error: null, ...firstPhase(state) };
    case "failed":
      return { ...state, busy: false, error: action.code };
    case "unavailable":
      return { ...state, phase: "unavailable", busy: false, error: action.code };
    case "tick":
      return tick(state, action.modality, action.on);
    case "tick_calibration":
      return { ...state, calibration: action.on };
    case "as_last_time":
      return asLastTime(state);
    case "without_sensors":
      return { ...state, ticked: { ...state.ticked, face: false, voice: false }, nudge: false };
    case "nudge":
      return { ...state, nudge: true };
    case "busy":
      return { ...state, busy: action.busy, error: action.busy ? null : state.error };
    case "choose":
      return { ...state, phase: "choose", ...UNTICKED, nudge: false, offer: null, error: null };
    case "preview":
      return { ...state, phase: "preview", wanted: action.wanted, access: "asking", busy: false };
    case "media":
      return { ...state, access: action.access, stream: action.stream };
    case "devices":
      return { ...state, devices: action.devices };
    case "device":
      return { ...state, [action.kind]: action.id };
    case "begin":
      return { ...state, phase: "running", use: "on", busy: false, quality: CLEAR, error: null };
    case "use":
      return { ...state, use: action.use, quality: CLEAR, ...(action.use !== "on" && NO_OFFER) };
    default:
      return reduceLive(state, action);
  }
}

const NO_OFFER = { offer: null, why: false, also: [] } as const;

type LiveAction = Extract<
  Action,
  {
    do:
      | "link"
      | "welcome"
      | "status"
      | "window"
      | "offer"
      | "quiet"
      | "contact"
      | "why"
      | "also"
      | "answered"
      | "note"
      | "error";
  }
>;

/** What comes while the lesson runs. */
function reduceLive(state: LearnerState, action: LiveAction): LearnerState {
  switch (action.do) {
    case "link":
      return linked(state, action.link, action.closeCode);
    case "welcome":
      return { ...state, link: "open", allowed: action.allowed, error: null };
    case "status":
      return { ...state, status: action.status, allowed: allowedAfter(state, action.status) };
    case "window":
      return { ...state, quality: judge(state.quality, action.report) };
    case "offer":
      return state.use === "on"
        ? { ...state, ...NO_OFFER, offer: action.offer, note: null }
        : state;
    case "quiet":
      return { ...state, quiet: state.use === "on" ? action.quiet : null };
    case "contact":
      return { ...state, contact: action.contact };
    case "why":
      return { ...state, why: !state.why };
    case "also":
      return state.offer?.id === action.adaptation ? { ...state, also: action.claims } : state;
    case "answered":
      return { ...state, ...NO_OFFER, note: action.note };
    case "note":
      return { ...state, note: action.note };
    case "error":
      return { ...state, error: action.code };
  }
}

function firstPhase(state: LearnerState): Partial<LearnerState> {
  return state.phase === "loading" || state.phase === "unavailable" ? { phase: "choose" } : {};
}

function tick(state: LearnerState, modality: Modality, on: boolean): LearnerState {
  if (!isPermitted(state.setup, modality)) return state;
  return { ...state, ticked: { ...state.ticked, [modality]: on }, nudge: false };
}

function asLastTime(state: LearnerState): LearnerState {
  return {
    ...state,
    ticked: ticksOf(state.setup, (rule) => rule.consented),
    calibration: state.setup?.calibration.consented === true,
    nudge: false,
  };
}

function linked(state: LearnerState, link: Link, closeCode: number | null): LearnerState {
  // An offer hangs on a live session; one that cannot be answered any more is taken away.
  const gone = link === "closed" || link === "off";
  return { ...state, link, closeCode, ...(gone && NO_OFFER), ...(link !== "open" && LOST) };
}
const LOST = { status: null, quality: CLEAR } as const;

/** Lesson activity is in use exactly while the server lists it; the sensors come and go. */
function allowedAfter(state: LearnerState, status: Status): readonly Modality[] {
  const sensors = state.allowed.filter(isSensor);
  return [...sensors, ...status.in_use.filter((m) => !isSensor(m))];
}

function judge(before: Quality, { face, voice }: WindowReport): Quality {
  return {
    face,
    faceRun: face === before.face ? before.faceRun + 1 : 1,
    voice,
    voiceRun: voice === before.voice ? before.voiceRun + 1 : 1,
  };
}

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

function ticksOf(setup: Setup | null, wants: (rule: ModalityRule) => boolean): Ticked {
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
