import {
  type ClassroomMessage,
  type LearnerRow,
  type LearnersMessage,
  NEEDS,
  type Need,
} from "../protocol";
import type { Link } from "./socket";

/** A row, and when it came: `since_s` goes on counting from there. */
export interface Seen {
  readonly row: LearnerRow;
  readonly atMs: number;
}

export interface ClassroomState {
  readonly course: string;
  readonly title: string;
  readonly paused: boolean;
  /** False until the first whole class has arrived. */
  readonly known: boolean;
  readonly learners: ReadonlyMap<string, Seen>;
  readonly filter: Need | null;
  readonly link: Link;
  readonly closeCode: number | null;
  readonly error: string | null;
}

export type ClassroomAction =
  | { do: "classroom"; message: ClassroomMessage; nowMs: number }
  | { do: "learners"; message: LearnersMessage; nowMs: number }
  | { do: "link"; link: Link; closeCode: number | null }
  | { do: "filter"; need: Need | null }
  | { do: "error"; code: string | null };

export const emptyClassroom: ClassroomState = {
  course: "",
  title: "",
  paused: false,
  known: false,
  learners: new Map(),
  filter: null,
  link: "off",
  closeCode: null,
  error: null,
};

export function reduceClassroom(state: ClassroomState, action: ClassroomAction): ClassroomState {
  switch (action.do) {
    case "classroom":
      return whole(state, action.message, action.nowMs);
    case "learners":
      return { ...state, learners: merged(state.learners, action.message, action.nowMs) };
    case "link":
      return { ...state, link: action.link, closeCode: action.closeCode };
    case "filter":
      return { ...state, filter: action.need };
    case "error":
      return { ...state, error: action.code };
  }
}

/** The whole class replaces whatever was known: a gap may lie between. */
function whole(state: ClassroomState, message: ClassroomMessage, atMs: number): ClassroomState {
  const { course, title, paused } = message;
  const learners = new Map(message.learners.map((row) => [row.session, { row, atMs }]));
  return { ...state, course, title, paused, learners, known: true, error: null };
}

function merged(
  before: ReadonlyMap<string, Seen>,
  { changed, left }: LearnersMessage,
  atMs: number,
): ReadonlyMap<string, Seen> {
  const learners = new Map(before);
  for (const session of left) learners.delete(session);
  for (const row of changed) learners.set(row.session, { row, atMs });
  return learners;
}

/** Seconds that this learner has been in their need, at `nowMs`. */
export function sinceOf(seen: Seen, nowMs: number): number {
  return seen.row.since_s + Math.max(0, nowMs - seen.atMs) / 1000;
}

/** By need as the protocol orders them; within one need the longest first, then by name. */
export function sorted(state: ClassroomState, lang: string): Seen[] {
  const names = new Intl.Collator(lang);
  const startMs = (seen: Seen): number => Math.round(seen.atMs / 1000 - seen.row.since_s);
  return [...state.learners.values()].sort(
    (a, b) =>
      NEEDS.indexOf(a.row.need) - NEEDS.indexOf(b.row.need) ||
      (a.row.need === "fine" ? 0 : startMs(a) - startMs(b)) ||
      names.compare(a.row.name, b.row.name) ||
      a.row.session.localeCompare(b.row.session),
  );
}

export function countByNeed(state: ClassroomState): ReadonlyMap<Need, number> {
  const counts = new Map<Need, number>();
  for (const { row } of state.learners.values())
    counts.set(row.need, (counts.get(row.need) ?? 0) + 1);
  return counts;
}

/** Learners who are new among those in need, to be told aloud. */
export function newlyInNeed(before: ClassroomState, after: ClassroomState): LearnerRow[] {
  if (!before.known) return [];
  return [...after.learners.values()]
    .map((seen) => seen.row)
    .filter((row) => inNeed(row) && before.learners.get(row.session)?.row.need !== row.need);
}

export function inNeed(row: LearnerRow): boolean {
  return row.need !== "fine" && row.need !== "idle";
}
