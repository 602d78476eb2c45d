// Generated from tutor_emotion/protocol.py by `npm run protocol`. Do not edit.
export type Modality = ("face" | "voice" | "text" | "interaction" | "self_report")
export type AdaptationKind = ("slow_down" | "speed_up" | "segment" | "hint" | "hint_glow" | "worked_step" | "extra_example" | "easier_item" | "harder_item" | "prerequisite_item" | "switch_item" | "why_probe" | "confirm" | "encouragement" | "break" | "choice" | "teacher_flag")
export type FaceQuality = ("ok" | "off" | "no_frames" | "no_face" | "ambiguous_face" | "too_small" | "too_dark" | "too_bright" | "blurred" | "turned_away")
export type VoiceQuality = ("ok" | "off" | "no_sound" | "silent" | "clipped" | "too_quiet" | "noisy")
export type Need = ("call" | "wheelspin" | "unresolved" | "frustrated" | "struggle" | "rushing" | "idle" | "fine" | "on_a_roll")
export type EventMessage = (StepShownMessage | AnswerMessage | HintRequestMessage | IdleMessage | ActivityMessage | VisibilityMessage | TextMessageMessage | SelfReportMessage | OutcomeMessage)
export type FromLearner = (Ping | RtcOffer | RtcCandidate | MediaPause | MediaSending | MediaStop | AskWhy | Numbered | StepShownMessage | AnswerMessage | HintRequestMessage | IdleMessage | ActivityMessage | VisibilityMessage | TextMessageMessage | SelfReportMessage | OutcomeMessage)
export type FromTeacher = (Ping | Acknowledge | Resync)
export type ToLearner = (Welcome | Pong | RtcAnswer | Status | WindowReport | AdaptationMessage | Kept | Reasons | Contact | Move | ErrorMessage)
export type ToTeacher = (Pong | ClassroomMessage | LearnersMessage | Move | ErrorMessage)

/**
 * The teacher is on it (or takes that back).
 */
export interface Acknowledge {
  type: "acknowledge"
  session: string
  on_it?: boolean
}
export interface ActivityMessage {
  traceparent?: (string | null)
  type: "activity"
  busy: ("typing" | "speaking" | "playing" | "none")
}
/**
 * An Adaptation for the lesson. ``message`` is a key of the catalogue.
 * 
 * ``items``: for how many items an easier one stays. The titles are of the step and the skill
 * that it is about, empty where the lesson gave none. ``effects`` are of ``pace``.
 */
export interface AdaptationMessage {
  type: "adaptation"
  id: number
  kind: AdaptationKind
  mode: ("offer" | "quiet")
  message: string
  choices: AdaptationKind[]
  pace: number
  expires_in_s: number
  evidence: EvidenceItem[]
  items: number
  step_title: string
  skill_title: string
  effects: PaceEffects
}
/**
 * One measured reason. The words are made of ``measure`` in the browser's catalogue.
 * 
 * ``z``: the learner's own standard deviations between ``value`` and ``usual``; ``for_s``: for how
 * long it was so. ``nats``: what it gave to its own Estimate, before fusion caps what one modality
 * may weigh.
 */
export interface EvidenceItem {
  modality: Modality
  measure: string
  value: number
  unit: string
  usual: (number | null)
  z: (number | null)
  for_s: (number | null)
  nats: number
}
/**
 * What the pace level means in this course (``core.pace.Effects``).
 */
export interface PaceEffects {
  segment: number
  wait: number
  examples: number
  review: number
}
export interface AnswerMessage {
  traceparent?: (string | null)
  type: "answer"
  step: string
  skill: string
  correct: boolean
  took_s: number
  answer?: string
  expected_p?: (number | null)
  hedged?: boolean
  revealed?: boolean
}
/**
 * The learner asks why an offer was made. ``reasons`` come later, where there are any.
 */
export interface AskWhy {
  type: "ask_why"
  adaptation: number
}
/**
 * Whether this course asks to keep labelled moments, and whether the learner agreed to it.
 */
export interface CalibrationRule {
  offered: boolean
  consented: boolean
}
/**
 * A class of the course that this teacher sees.
 */
export interface ClassInfo {
  id: number
  name: string
}
/**
 * The whole class; sent first, and whenever a gap may have come about.
 * 
 * Messages are numbered by ``seq``. A class that does not fit into one message is completed by
 * the next ``parts`` messages of type ``learners``; most in need come first.
 */
export interface ClassroomMessage {
  type: "classroom"
  seq: number
  parts: number
  course: string
  title: string
  paused: boolean
  classes: ClassInfo[]
  learners: LearnerRow[]
}
/**
 * One learner as the teacher sees them: no video, no probabilities, no modality.
 * 
 * ``since_s`` is how long they have been in this need. ``confidence`` is a band. ``step`` is the
 * title of the step, or its key where the lesson gave none. ``classes`` are those of the learner
 * that this teacher sees.
 */
export interface LearnerRow {
  session: string
  name: string
  need: Need
  reasons: Reason[]
  since_s: number
  confidence: ("low" | "medium" | "high")
  coverage: number
  step: string
  last_adaptation: (AdaptationKind | null)
  last_outcome: (("taken" | "dismissed" | "ignored" | "wrong") | null)
  acknowledged_by: string
  connected: boolean
  classes: number[]
}
/**
 * Why a learner is where they are in the list; words come from the catalogue.
 * 
 * ``measure`` is a key such as ``misses_on_step``; ``skill`` (its title, or its key where the
 * lesson gave none) and ``minutes`` fill its blanks.
 */
export interface Reason {
  measure: string
  value: number
  skill: string
  minutes: number
}
/**
 * What the learner chose, modality by modality, under the text version they were shown.
 * 
 * ``calibration``: whether labelled moments may be kept; null leaves that as it is.
 */
export interface ConsentBody {
  token: string
  text_version: string
  modalities: {
  [k: string]: boolean
}
  calibration?: (boolean | null)
}
/**
 * Somebody to talk to, as the school has set it: beside the lesson, with nothing else said.
 * 
 * ``id`` counts up in a session: one that was put away does not come back with a reconnection.
 */
export interface Contact {
  type: "contact"
  id: number
  text: string
}
/**
 * ``fatal``: the socket closes after it, and coming back by itself would not help.
 */
export interface ErrorMessage {
  type: "error"
  code: string
  message: string
  hint: string
  retry: boolean
  fatal: boolean
}
/**
 * ``title`` and ``skill_title`` are what a teacher reads instead of the keys, where given.
 */
export interface StepShownMessage {
  traceparent?: (string | null)
  type: "step_shown"
  step: string
  skill: string
  title?: string
  skill_title?: string
  difficulty?: number
  expected_s?: (number | null)
}
export interface HintRequestMessage {
  traceparent?: (string | null)
  type: "hint_request"
  step: string
  level?: number
  bottom_out?: boolean
}
export interface IdleMessage {
  traceparent?: (string | null)
  type: "idle"
  idle_s: number
}
export interface VisibilityMessage {
  traceparent?: (string | null)
  type: "visibility"
  hidden: boolean
}
export interface TextMessageMessage {
  traceparent?: (string | null)
  type: "text"
  text: string
}
export interface SelfReportMessage {
  traceparent?: (string | null)
  type: "self_report"
  feeling: ("fine" | "confused" | "stuck" | "bored")
}
/**
 * What the learner did with the Adaptation ``adaptation`` (its id in this session).
 */
export interface OutcomeMessage {
  traceparent?: (string | null)
  type: "outcome"
  adaptation: number
  outcome: ("taken" | "dismissed" | "ignored" | "wrong")
  choice?: (AdaptationKind | null)
}
/**
 * ``sent_s`` is the client's own clock; it comes back in the pong.
 */
export interface Ping {
  type: "ping"
  sent_s: number
}
/**
 * An SDP offer; ``modalities`` says what its tracks are for.
 */
export interface RtcOffer {
  type: "rtc_offer"
  sdp: string
/**
 * @minItems 1
 * @maxItems 2
 */
  modalities: [("face" | "voice"), ...(("face" | "voice"))[]]
}
/**
 * One ICE candidate; an empty ``candidate`` says that there are no more.
 */
export interface RtcCandidate {
  type: "rtc_candidate"
  candidate: string
  sdp_mid?: (string | null)
  sdp_mline_index?: (number | null)
}
/**
 * The learner pauses or resumes the sensors; paused media is dropped unseen.
 */
export interface MediaPause {
  type: "media_pause"
  paused: boolean
}
/**
 * What the page sends now, of what its offer named: on a narrow line or a slow machine sound
 * alone. The rest is not missing. It sends less of its own accord, never more than was agreed.
 */
export interface MediaSending {
  type: "media_sending"
/**
 * @minItems 1
 * @maxItems 2
 */
  sensors: [("face" | "voice"), ...(("face" | "voice"))[]]
}
/**
 * The learner stops camera and microphone: the peer is closed.
 */
export interface MediaStop {
  type: "media_stop"
}
/**
 * An event under the page's own number of it: 1, 2, 3 … in a session. It is heard once, however
 * often it is sent; ``kept`` says up to which number nothing has to be sent again.
 */
export interface Numbered {
  type: "numbered"
  number: number
  event: (StepShownMessage | AnswerMessage | HintRequestMessage | IdleMessage | ActivityMessage | VisibilityMessage | TextMessageMessage | SelfReportMessage | OutcomeMessage)
}
/**
 * The page missed a number: the whole class, please.
 */
export interface Resync {
  type: "resync"
}
export interface IceServer {
  urls: string[]
  username: (string | null)
  credential: (string | null)
}
/**
 * All events up to ``number`` are written down, as far as any is to be.
 */
export interface Kept {
  type: "kept"
  number: number
}
/**
 * Rows that changed, coalesced; ``left`` are sessions that ended. ``seq`` counts on by one.
 */
export interface LearnersMessage {
  type: "learners"
  seq: number
  changed: LearnerRow[]
  left: string[]
}
/**
 * What the gate says of one modality: usable here or why not, and whether consented.
 */
export interface ModalityRule {
  modality: Modality
  permitted: boolean
  reason: string
  consented: boolean
}
/**
 * This server is about to end: open another socket, and leave this one when that one speaks.
 */
export interface Move {
  type: "move"
}
export interface Pong {
  type: "pong"
  sent_s: number
  server_time_s: number
}
/**
 * What was noticed besides, where a site runs an omni model: physical claims that measures bear
 * out, by their names in ``core.claims``. The page has the words.
 */
export interface Reasons {
  type: "reasons"
  adaptation: number
  claims: string[]
}
export interface RtcAnswer {
  type: "rtc_answer"
  sdp: string
}
/**
 * Begin a session for the course and lesson that the host signed into ``token``.
 */
export interface SessionBody {
  token: string
}
/**
 * ``ticket`` opens the socket once, soon; ``sessions/<id>/ticket/`` gives the next.
 */
export interface SessionOpened {
  session: string
  socket_path: string
  ticket: string
}
/**
 * A learner's own record of one session, as the page and ``simulate_learner`` read it.
 * 
 * All that is kept of it: also the events that a teacher's timeline is made of, and who looked at
 * this learner in the course since it began.
 */
export interface SessionSummary {
  session: string
  course: string
  lesson: string
  estimates: number
  windows: {
  [k: string]: number
}
  signals: {
  [k: string]: unknown
}[]
  adaptations: {
  [k: string]: unknown
}[]
  moments: {
  [k: string]: unknown
}[]
  events: {
  [k: string]: unknown
}[]
  looks: {
  [k: string]: unknown
}[]
}
/**
 * What the learner's panel must know before anything begins.
 * 
 * ``words``: which wording of the question to show, ``child`` for learners below 16 or of unknown
 * age. ``messages``: this school's own words in the language that was asked for, by key, plain
 * text.
 */
export interface Setup {
  course: string
  title: string
  lesson: string
  text_version: string
  words: ("child" | "adult")
  rules: ModalityRule[]
  calibration: CalibrationRule
  messages: {
  [k: string]: string[]
}
}
/**
 * What is in use now, and what may be. ``reason`` is an error code where ``media`` is not as
 * wished. A sensor that is not ``allowed`` is let go of at once, without asking why.
 */
export interface Status {
  type: "status"
  media: ("off" | "connecting" | "live" | "paused" | "stalled" | "failed")
  in_use: Modality[]
  allowed: Modality[]
  reason: string
}
/**
 * What a websocket carries as its second subprotocol; good for a minute and once.
 */
export interface Ticket {
  ticket: string
}
/**
 * First message on a socket. ``allowed`` are the modalities that the gate permits now.
 * 
 * ``protocol``: this server's. Before 2 a page sends events without ``numbered``, and no
 * ``media_sending``.
 * 
 * ``ice_for_s``: so long the credentials of ``ice_servers`` begin a relay. For a connection that
 * is made later, a new socket has new ones.
 */
export interface Welcome {
  type: "welcome"
  protocol: number
  session: string
  allowed: Modality[]
  ice_servers: IceServer[]
  ice_for_s: number
  resumed: boolean
  server_time_s: number
  traced: boolean
}
/**
 * What became of one Window; no content, only whether it could be used.
 * 
 * ``newest_media_s`` is the sender's media time of its newest frame, ``estimated_at_s`` the
 * server's unix time at which its Estimate was there (None: nothing was estimated).
 */
export interface WindowReport {
  type: "window"
  seq: number
  face: FaceQuality
  voice: VoiceQuality
  newest_media_s: (number | null)
  estimated_at_s: (number | null)
}

export const PROTOCOL_VERSION = 2 as const;
export const MAX_MESSAGE_BYTES = 65536 as const;
export const MAX_SDP_BYTES = 32768 as const;
export const MAX_MESSAGES_PER_S = 50 as const;
export const SUBPROTOCOL = "tutor-emotion" as const;
export const MODALITIES = [
  "face",
  "voice",
  "text",
  "interaction",
  "self_report"
] as const;
export const ADAPTATION_KINDS = [
  "slow_down",
  "speed_up",
  "segment",
  "hint",
  "hint_glow",
  "worked_step",
  "extra_example",
  "easier_item",
  "harder_item",
  "prerequisite_item",
  "switch_item",
  "why_probe",
  "confirm",
  "encouragement",
  "break",
  "choice",
  "teacher_flag"
] as const;
export const NEEDS = [
  "call",
  "wheelspin",
  "unresolved",
  "frustrated",
  "struggle",
  "rushing",
  "idle",
  "fine",
  "on_a_roll"
] as const;
export const MESSAGE_KEYS = [
  "flag.distress",
  "flag.safety",
  "flag.unresolved",
  "flag.wheelspin",
  "offer.break",
  "offer.challenge_hint",
  "offer.choice",
  "offer.easier",
  "offer.example",
  "offer.hard_step",
  "offer.hard_step_hint",
  "offer.harder",
  "offer.hint",
  "offer.hint_or_step",
  "offer.other_activity",
  "offer.other_kind",
  "offer.prerequisite",
  "offer.shorter",
  "offer.why",
  "offer.worked_example",
  "offer.worked_step",
  "offer.worked_step_retry",
  "quiet.confirm",
  "quiet.faster",
  "quiet.hint_glow",
  "quiet.segment",
  "quiet.slower"
] as const;
export const COMPARED_MEASURES = [
  "brow_lowered",
  "eyes_squinted",
  "inner_brow_raised",
  "outer_brow_raised",
  "dimples",
  "lips_pressed",
  "smile",
  "eyes_closed",
  "looking_away",
  "nearness",
  "motion",
  "expression_neutral",
  "expression_happiness",
  "expression_surprise",
  "expression_sadness",
  "expression_anger",
  "expression_disgust",
  "expression_fear",
  "expression_contempt",
  "expression_anxiety",
  "expression_helplessness",
  "expression_disappointment",
  "onset_s",
  "pause_ratio",
  "f0_slope_st_s",
  "filler_s",
  "rate_hz",
  "f0_iqr_st",
  "duration_s",
  "voice_anger",
  "voice_boredom",
  "voice_disgust",
  "voice_fear",
  "voice_happiness",
  "voice_neutral",
  "voice_sadness"
] as const;
export const HAPPENED_MEASURES = [
  "says_confused",
  "says_annoyed",
  "says_bored",
  "means_confused",
  "means_annoyed",
  "means_bored",
  "hedge_on_correct",
  "all_capitals",
  "question_marks",
  "misses_on_step",
  "same_wrong_answer",
  "fast_after_error",
  "broken_success_run",
  "misses_on_easy_items",
  "rapid_answer",
  "correct_answer",
  "correct_after_miss",
  "correct_but_unsure",
  "hint_after_try",
  "asked_for_the_answer",
  "idle_gap",
  "said_fine",
  "said_confused",
  "said_stuck",
  "said_bored",
  "offer_taken",
  "offer_dismissed",
  "offer_wrong"
] as const;
export const CLAIMS = [
  "brow_lowered",
  "brow_raised",
  "brow_relaxed",
  "eyes_wide",
  "eyes_narrowed",
  "eyes_closed",
  "smile",
  "corners_down",
  "mouth_open",
  "mouth_closed",
  "lips_pressed",
  "head_turned",
  "head_down",
  "head_tilted",
  "gaze_away",
  "voice_raised",
  "voice_quiet",
  "pitch_high",
  "pitch_low",
  "speech_fast",
  "speech_slow",
  "pauses_long",
  "pauses_many",
  "melody_flat",
  "melody_varied",
  "ends_rising",
  "ends_falling",
  "voice_harsh"
] as const;
export const EVENT_FIELDS = {
  "step_shown": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "step": {
      "type": "string",
      "required": true,
      "minLength": 1,
      "maxLength": 100
    },
    "skill": {
      "type": "string",
      "required": true,
      "minLength": 1,
      "maxLength": 100
    },
    "title": {
      "type": "string",
      "required": false,
      "maxLength": 100
    },
    "skill_title": {
      "type": "string",
      "required": false,
      "maxLength": 100
    },
    "difficulty": {
      "type": "number",
      "required": false,
      "minimum": 0,
      "maximum": 1
    },
    "expected_s": {
      "type": "number",
      "required": false,
      "nullable": true,
      "minimum": 0,
      "maximum": 86400
    }
  },
  "answer": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "step": {
      "type": "string",
      "required": true,
      "minLength": 1,
      "maxLength": 100
    },
    "skill": {
      "type": "string",
      "required": true,
      "minLength": 1,
      "maxLength": 100
    },
    "correct": {
      "type": "boolean",
      "required": true
    },
    "took_s": {
      "type": "number",
      "required": true,
      "minimum": 0,
      "maximum": 86400
    },
    "answer": {
      "type": "string",
      "required": false,
      "maxLength": 200
    },
    "expected_p": {
      "type": "number",
      "required": false,
      "nullable": true,
      "minimum": 0,
      "maximum": 1
    },
    "hedged": {
      "type": "boolean",
      "required": false
    },
    "revealed": {
      "type": "boolean",
      "required": false
    }
  },
  "hint_request": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "step": {
      "type": "string",
      "required": true,
      "minLength": 1,
      "maxLength": 100
    },
    "level": {
      "type": "integer",
      "required": false,
      "minimum": 1,
      "maximum": 20
    },
    "bottom_out": {
      "type": "boolean",
      "required": false
    }
  },
  "idle": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "idle_s": {
      "type": "number",
      "required": true,
      "minimum": 0,
      "maximum": 86400
    }
  },
  "activity": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "busy": {
      "type": "string",
      "required": true,
      "enum": [
        "typing",
        "speaking",
        "playing",
        "none"
      ]
    }
  },
  "visibility": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "hidden": {
      "type": "boolean",
      "required": true
    }
  },
  "text": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "text": {
      "type": "string",
      "required": true,
      "minLength": 1,
      "maxLength": 2000
    }
  },
  "self_report": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "feeling": {
      "type": "string",
      "required": true,
      "enum": [
        "fine",
        "confused",
        "stuck",
        "bored"
      ]
    }
  },
  "outcome": {
    "traceparent": {
      "type": "string",
      "required": false,
      "nullable": true
    },
    "adaptation": {
      "type": "integer",
      "required": true,
      "minimum": 0,
      "maximum": 1000000
    },
    "outcome": {
      "type": "string",
      "required": true,
      "enum": [
        "taken",
        "dismissed",
        "ignored",
        "wrong"
      ]
    },
    "choice": {
      "type": "string",
      "required": false,
      "nullable": true,
      "enum": [
        "slow_down",
        "speed_up",
        "segment",
        "hint",
        "hint_glow",
        "worked_step",
        "extra_example",
        "easier_item",
        "harder_item",
        "prerequisite_item",
        "switch_item",
        "why_probe",
        "confirm",
        "encouragement",
        "break",
        "choice",
        "teacher_flag"
      ]
    }
  }
} as const;
