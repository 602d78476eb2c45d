import type { ClassInfo, ClassroomMessage, LearnerRow, LearnersMessage, Need } from "../protocol";
import { everyone, type Filter } from "./filter";
import { heldOrder, isQuiet, nobody, type Order, orderOf, WELL } from "./order";
import type { Link } from "./socket";

/** A row, and when it came: `since_s` goes on counting from there. */
export interface Seen {
  readonly row: LearnerRow;
  readonly atMs: number;
}

/** Whom this teacher has marked as seen: session → the need that they were in. */
export type Attention = ReadonlyMap<string, Need>;

export interface ClassroomState {
  readonly course: string;
  readonly title: string;
  readonly paused: boolean;
  readonly classes: readonly ClassInfo[];
  /** False until the first whole class has arrived. */
  readonly known: boolean;
  readonly learners: ReadonlyMap<string, Seen>;
  readonly order: Order;
  /** A pointer or the keyboard is among the rows: they keep their places. */
  readonly held: boolean;
  readonly attention: Attention;
  /** Taking on (or giving back) that has not come back as a row yet. */
  readonly asked: ReadonlySet<string>;
  readonly filter: Filter;
  /** The number of the last message, and how many are still to come of the whole class. */
  readonly seq: number;
  readonly parts: number;
  /** A number was missed: the whole class must be asked for. */
  readonly gap: boolean;
  readonly link: Link;
  readonly closeCode: number | null;
  readonly error: string | null;
}

export type ClassroomAction =
  | { do: "classroom"; message: ClassroomMessage; nowMs: number }
  | { do: "learners"; message: LearnersMessage; nowMs: number }
  | { do: "link"; link: Link; closeCode: number | null }
  | { do: "filter"; filter: Filter }
  | { do: "hold"; held: boolean }
  | { do: "place" }
  | { do: "attention"; attention: Attention }
  | { do: "asked"; session: string }
  | { do: "unasked"; session: string }
  | { do: "error"; code: string | null };

export const emptyClassroom: ClassroomState = {
  course: "",
  title: "",
  paused: false,
  classes: [],
  known: false,
  learners: new Map(),
  order: nobody,
  held: false,
  attention: new Map(),
  asked: new Set(),
  filter: everyone,
  seq: 0,
  parts: 0,
  gap: false,
  link: "off",
  closeCode: null,
  error: null,
};

export type ClassroomReducer = (state: ClassroomState, action: ClassroomAction) => ClassroomState;

/** Names are sorted as `lang` sorts them. */
export function classroomReducer(lang: string): ClassroomReducer {
  const names = new Intl.Collator(lang);
  const placed = (state: ClassroomState): ClassroomState => ({
    ...state,
    order: orderOf(state.learners, state.attention, names),
  });
  const settled = (state: ClassroomState): ClassroomState =>
    state.held ? { ...state, order: heldOrder(state.order, state.learners) } : placed(state);
  return (state, action) => {
    switch (action.do) {
      case "classroom":
        return settled(whole(state, action.message, action.nowMs));
      case "learners":
        return settled(merged(state, action.message, action.nowMs));
      case "hold":
        return action.held === state.held ? state : settled({ ...state, held: action.held });
      case "place":
        return placed(state);
      case "attention":
        return settled({ ...state, attention: action.attention });
      default:
        return simply(state, action);
    }
  };
}

function simply(state: ClassroomState, action: ClassroomAction): ClassroomState {
  switch (action.do) {
    case "link":
      return { ...state, link: action.link, closeCode: action.closeCode };
    case "filter":
      return { ...state, filter: action.filter };
    case "asked":
      return { ...state, asked: new Set([...state.asked, action.session]) };
    case "unasked":
      return { ...state, asked: without(state.asked, action.session) };
    case "error":
      return { ...state, error: action.code };
    default:
      return state;
  }
}

/** The whole class replaces whatever was known: a gap may lie between. */
function whole(state: ClassroomState, message: ClassroomMessage, atMs: number): ClassroomState {
  const { course, title, paused, classes, seq, parts } = message;
  const learners = new Map(message.learners.map((row) => [row.session, { row, atMs }]));
  const head = { course, title, paused, classes, seq, parts };
  return { ...state, ...head, learners, known: true, gap: false, asked: new Set(), error: null };
}

function merged(state: ClassroomState, message: LearnersMessage, atMs: number): ClassroomState {
  const learners = new Map(state.learners);
  let asked = state.asked;
  for (const session of message.left) learners.delete(session);
  for (const row of message.changed) {
    const before = learners.get(row.session)?.row.acknowledged_by;
    if (before !== row.acknowledged_by) asked = without(asked, row.session);
    learners.set(row.session, { row, atMs });
  }
  const gap = state.gap || message.seq !== state.seq + 1;
  const parts = Math.max(0, state.parts - 1);
  return { ...state, learners, asked, gap, parts, seq: message.seq };
}

function without(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return set.has(key) ? new Set([...set].filter((other) => other !== key)) : set;
}

/** Seconds that this learner has been in their need, at `nowMs`. */
export function sinceOf(seen: Seen, nowMs: number): number {
  return seen.row.since_s + Math.max(0, nowMs - seen.atMs) / 1000;
}

export function countByNeed(state: ClassroomState): ReadonlyMap<Need, number> {
  const counts = new Map<Need, number>();
  for (const { row } of state.learners.values())
    counts.set(row.need, (counts.get(row.need) ?? 0) + 1);
  return counts;
}

/** Learners who are new among those in need, whom nobody attends to yet. */
export function newlyInNeed(before: ClassroomState, after: ClassroomState): LearnerRow[] {
  if (!before.known || after.learners === before.learners || before.parts > 0) return [];
  return [...after.learners.values()]
    .filter((seen) => inNeed(seen.row) && !isAttended(seen, after.attention))
    .map((seen) => seen.row)
    .filter((row) => before.learners.get(row.session)?.row.need !== row.need);
}

export function isAttended(seen: Seen, attention: Attention): boolean {
  return seen.row.acknowledged_by !== "" || isQuiet(seen, attention);
}

export function inNeed(row: LearnerRow): boolean {
  return !WELL.has(row.need) && row.need !== "idle";
}

/** Those for whom a sound may be made: the lesson has tried, and they are still stuck. */
export function isStrong(row: LearnerRow): boolean {
  return (
    row.need === "call" ||
    row.need === "wheelspin" ||
    row.need === "unresolved" ||
    row.need === "frustrated"
  );
}
