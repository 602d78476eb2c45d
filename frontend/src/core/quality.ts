import type { Sensor } from "./media";

/**
 * How much of what was agreed to is sent. `none`: camera and microphone are let go of, and only the
 * learner brings them back. Chromium's own estimate rescales the picture below all this; a step is
 * for what that cannot mend.
 */
export type Step = "full" | "reduced" | "sound" | "none";

/** What the last seconds were like. Null where a browser does not tell. */
export interface Sign {
  /** Share of the packets that the server missed, by its RTCP reports, 0 to 1. */
  readonly lost: number | null;
  readonly roundTripS: number | null;
  /** What the browser believes that the line takes. */
  readonly lineKbps: number | null;
  readonly framesPerS: number | null;
  /** The encoder itself says that this machine is too slow for it. */
  readonly cpuLimited: boolean;
  /** Share of the time in which the page could not answer (long tasks), 0 to 1. */
  readonly blocked: number;
}

export interface Quality {
  readonly step: Step;
  readonly changedMs: number;
  /** Since when it has been too much, or easy, without a break. */
  readonly hardMs: number | null;
  readonly easyMs: number | null;
  /** How often a step up had to be taken back soon: each doubles the wait for the next. */
  readonly relapses: number;
  readonly roseMs: number | null;
}

/** What each step needs at least; below it the line is too narrow. */
const NEEDS_KBPS: Readonly<Record<Step, number>> = { full: 80, reduced: 45, sound: 16, none: 0 };
const WANTED_FRAMES: Readonly<Record<Step, number>> = { full: 10, reduced: 5, sound: 0, none: 0 };

/** Lost packets are sent again up to here without a gap that a Window would notice. */
const LOST_HARD = 0.2;
const LOST_EASY = 0.08;
const LATE_HARD_S = 1.5;
const LATE_EASY_S = 0.6;
const BLOCKED_HARD = 0.5;
const BLOCKED_EASY = 0.2;
/** A quarter of the frames that are wanted: the sensor's five a second are far away. */
const FRAMES_HARD = 0.25;
const ROOM = 1.5;

const DOWN_MS = 4_000;
/** Sound is little; to lose it as well takes longer. */
const LAST_DOWN_MS = 12_000;
const SETTLE_MS = 4_000;
const UP_MS = 30_000;
const RELAPSE_MS = 60_000;
const MOST_RELAPSES = 4;

export function begin(nowMs: number): Quality {
  return {
    step: "full",
    changedMs: nowMs,
    hardMs: null,
    easyMs: null,
    relapses: 0,
    roseMs: null,
  };
}

/** The steps that make sense for what was agreed to; never more than that. */
export function ladder(sensors: readonly Sensor[]): readonly Step[] {
  const face = sensors.includes("face");
  const voice = sensors.includes("voice");
  return [
    "full",
    ...(face ? (["reduced"] as const) : []),
    ...(face && voice ? (["sound"] as const) : []),
    "none",
  ];
}

/** Pure: what is known and the time give the next state. Down in seconds, up in half minutes. */
export function judge(
  before: Quality,
  sign: Sign,
  sensors: readonly Sensor[],
  nowMs: number,
): Quality {
  const steps = ladder(sensors);
  const at = steps.indexOf(before.step);
  // What was measured just after a change still tells of the time before it.
  if (at < 0 || before.step === "none" || nowMs - before.changedMs < SETTLE_MS) return before;
  const above = steps[at - 1];
  const below = steps[at + 1];
  const hard = isHard(sign, before.step);
  const easy = above !== undefined && isEasy(sign, above);
  const now = {
    ...before,
    hardMs: hard ? (before.hardMs ?? nowMs) : null,
    easyMs: easy ? (before.easyMs ?? nowMs) : null,
  };
  const downMs = below === "none" ? LAST_DOWN_MS : DOWN_MS;
  if (below && now.hardMs !== null && nowMs - now.hardMs >= downMs) return down(now, below, nowMs);
  const upMs = UP_MS * 2 ** now.relapses;
  if (above && now.easyMs !== null && nowMs - now.easyMs >= upMs) return up(now, above, nowMs);
  return now;
}

function down(now: Quality, step: Step, nowMs: number): Quality {
  const soon = now.roseMs !== null && nowMs - now.roseMs < RELAPSE_MS;
  const relapses = soon ? Math.min(MOST_RELAPSES, now.relapses + 1) : now.relapses;
  return { ...now, step, changedMs: nowMs, hardMs: null, easyMs: null, roseMs: null, relapses };
}

function up(now: Quality, step: Step, nowMs: number): Quality {
  return { ...now, step, changedMs: nowMs, hardMs: null, easyMs: null, roseMs: nowMs };
}

function isHard(sign: Sign, step: Step): boolean {
  const wanted = WANTED_FRAMES[step];
  return (
    over(sign.lost, LOST_HARD) ||
    over(sign.roundTripS, LATE_HARD_S) ||
    under(sign.lineKbps, NEEDS_KBPS[step]) ||
    (wanted > 0 && (sign.cpuLimited || under(sign.framesPerS, FRAMES_HARD * wanted))) ||
    sign.blocked > BLOCKED_HARD
  );
}

/** Whether there is room for `above`. Nothing known against it is no reason against it. */
function isEasy(sign: Sign, above: Step): boolean {
  return (
    !over(sign.lost, LOST_EASY) &&
    !over(sign.roundTripS, LATE_EASY_S) &&
    !under(sign.lineKbps, ROOM * NEEDS_KBPS[above]) &&
    !sign.cpuLimited &&
    sign.blocked <= BLOCKED_EASY
  );
}

function over(value: number | null, limit: number): boolean {
  return value !== null && value > limit;
}

function under(value: number | null, limit: number): boolean {
  return value !== null && value < limit;
}

/** What the sender of a track is told at a step. */
export function encodingOf(kind: string, step: Step): RTCRtpEncodingParameters {
  if (kind !== "video") return { maxBitrate: 24_000, active: step !== "none" };
  if (step === "full")
    return { active: true, maxBitrate: 150_000, maxFramerate: 10, scaleResolutionDownBy: 1 };
  // The face must stay wide enough for its measures: 240 px, and the sampler reads five a second.
  return {
    active: step === "reduced",
    maxBitrate: 70_000,
    maxFramerate: 5,
    scaleResolutionDownBy: 4 / 3,
  };
}
