import type {
  AdaptationMessage,
  Contact,
  Modality,
  Setup,
  Status,
  WindowReport,
} from "../protocol";
import type { Access, Device, Sensor } from "./media";
import type { Link } from "./socket";
import {
  CLEAR,
  isPermitted,
  isSensor,
  type LearnerState,
  NOTHING,
  type Note,
  type Quality,
  ticksOf,
  type Use,
} from "./state";

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

const UNTICKED = { ticked: NOTHING, calibration: false } as const;

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
