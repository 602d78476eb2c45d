import {
  type Content,
  type Item,
  type ItemKind,
  itemOf,
  type Marked,
  type NextItem,
  type Step,
} from "./content";

export type Pace = -2 | -1 | 0 | 1 | 2;
/** What is laid over the step for a moment. */
export type Card = "none" | "choice" | "break" | "probe";
export type Tone = "right" | "notyet" | "fault";

export interface Feedback {
  readonly tone: Tone;
  /** Clean HTML from the server; empty where `code` says it in our own words. */
  readonly html: string;
  readonly code: string;
}

export interface State {
  readonly content: Content;
  readonly solved: readonly string[];
  /** The step on the screen; null when the lesson is done. */
  readonly slug: string | null;
  readonly item: ItemKind;
  readonly answer: string;
  readonly sending: boolean;
  readonly feedback: Feedback | null;
  readonly right: boolean;
  /** Right answers in a row, over items. */
  readonly run: number;
  readonly hints: number;
  readonly worked: boolean;
  readonly examples: number;
  /** Parts shown of the segmented text; null where the whole text is shown. */
  readonly segments: number | null;
  readonly strategy: boolean;
  readonly glow: boolean;
  readonly card: Card;
  /** How the item on the screen was chosen; null where the learner opened it. */
  readonly chosen: NextItem | null;
  /** What the server chose after the last answer, and at which pace. */
  readonly next: { readonly item: NextItem; readonly pace: Pace } | null;
  /** Skills that the learner leaves out now. */
  readonly skipped: readonly string[];
  readonly pace: Pace;
  /** Worked examples before practice while the pace is slow. */
  readonly examplesFirst: number;
  /** How many items to come are met in their easier form first. */
  readonly easier: number;
}

export type Action =
  | { do: "open"; slug: string | null; item?: ItemKind; content?: Content }
  | { do: "chosen"; next: NextItem; content?: Content }
  | { do: "leave_out"; skill: string }
  | { do: "sibling"; item: ItemKind }
  | { do: "answer"; text: string }
  | { do: "sending" }
  | { do: "retrying" }
  | { do: "marked"; marked: Marked }
  | { do: "solved"; solved: readonly string[] }
  | { do: "fault"; code: string }
  | { do: "content"; content: Content }
  | { do: "hint" }
  | { do: "worked" }
  | { do: "example" }
  | { do: "strategy" }
  | { do: "segment" }
  | { do: "part" }
  | { do: "glow" }
  | { do: "card"; card: Card }
  | { do: "pace"; pace: number; examples: number }
  | { do: "easier"; items: number };

const FRESH = {
  answer: "",
  sending: false,
  feedback: null,
  right: false,
  hints: 0,
  worked: false,
  examples: 0,
  segments: null,
  strategy: false,
  glow: false,
  card: "none",
  chosen: null,
} as const;
const RIGHT_TO_RECOVER = 3;

export function begin(content: Content, solved: readonly string[], opening: NextItem): State {
  const empty = { slug: null, item: "step", run: 0, pace: 0, examplesFirst: 0, easier: 0 } as const;
  const state: State = { ...FRESH, ...empty, content, solved, next: null, skipped: [] };
  return chosen(state, opening);
}

/** The whole behaviour of the lesson as one pure function. */
export function reduce(state: State, action: Action): State {
  switch (action.do) {
    case "open":
      return open({ ...state, content: action.content ?? state.content }, action.slug, action.item);
    case "chosen":
      return chosen({ ...state, content: action.content ?? state.content }, action.next);
    case "leave_out":
      return { ...state, skipped: [...state.skipped, action.skill], next: null };
    case "sibling":
      return { ...state, ...FRESH, item: action.item };
    case "answer":
      return { ...state, answer: action.text };
    case "sending":
      return { ...state, sending: true };
    case "marked":
      return marked(state, action.marked);
    case "solved":
      return { ...state, sending: false, solved: action.solved };
    case "retrying":
      return { ...state, feedback: { tone: "fault", html: "", code: "retrying" } };
    case "fault":
      return { ...state, sending: false, feedback: { tone: "fault", html: "", code: action.code } };
    case "content":
      return renewed(state, action.content);
    case "pace":
      return { ...state, pace: clampPace(action.pace), examplesFirst: action.examples };
    case "easier":
      return { ...state, easier: action.items };
    case "card":
      return { ...state, card: action.card };
    default:
      return help(state, action);
  }
}

type HelpAction = Extract<
  Action,
  { do: "hint" | "worked" | "example" | "strategy" | "segment" | "part" | "glow" }
>;

function help(state: State, action: HelpAction): State {
  const step = stepOf(state);
  if (!step) return state;
  switch (action.do) {
    case "hint":
      return { ...state, hints: Math.min(state.hints + 1, hintsOf(state).length), glow: false };
    case "worked":
      return { ...state, worked: true, glow: false };
    case "example":
      return { ...state, examples: Math.min(state.examples + 1, step.examples.length) };
    case "strategy":
      return { ...state, strategy: true };
    case "segment":
      return state.item === "step" && !state.right ? { ...state, segments: 1 } : state;
    case "part":
      return { ...state, segments: Math.min((state.segments ?? 0) + 1, step.segments.length) };
    case "glow":
      return { ...state, glow: !state.right };
  }
}

/** A new step, in the form that the pace asks for. */
function open(state: State, slug: string | null, item?: ItemKind): State {
  const fresh: State = { ...state, ...FRESH, slug, item: item ?? "step" };
  const step = stepOf(fresh);
  if (!step || item) return fresh;
  if (state.easier > 0 && step.siblings.easier_item)
    return { ...fresh, item: "easier_item", easier: state.easier - 1 };
  if (state.pace > 0 && step.siblings.harder_item) return { ...fresh, item: "harder_item" };
  if (state.pace >= 0) return fresh;
  const examples = Math.min(state.examplesFirst, step.examples.length);
  return { ...fresh, examples, segments: step.segments.length > 1 ? 1 : null };
}

/** What the server chose, in the form that the pace of this page asks for. */
function chosen(state: State, next: NextItem): State {
  const fresh: State = { ...state, ...FRESH, slug: next.step, item: next.item, next: null };
  const step = stepOf(fresh);
  if (!step) return { ...fresh, item: "step" };
  const examples = Math.min(next.examples, step.examples.length);
  const shown: State = { ...fresh, examples, chosen: next };
  if (next.item !== "step") return step.siblings[next.item] ? shown : { ...shown, item: "step" };
  if (state.easier > 0 && step.siblings.easier_item)
    return { ...shown, item: "easier_item", easier: state.easier - 1 };
  return state.pace < 0 && step.segments.length > 1 ? { ...shown, segments: 1 } : shown;
}

function marked(state: State, mark: Marked): State {
  const run = mark.correct ? state.run + 1 : mark.counted ? 0 : state.run;
  return {
    ...state,
    sending: false,
    solved: mark.solved,
    right: mark.correct,
    feedback: { tone: mark.correct ? "right" : "notyet", html: mark.feedback, code: "" },
    next: { item: mark.next, pace: state.pace },
    run,
    // Three right in a row: the slower pace has done its work.
    pace: state.pace < 0 && run >= RIGHT_TO_RECOVER ? 0 : state.pace,
  };
}

/** The lesson was edited: the step as it is now, with what was written; a missing one as it was. */
function renewed(state: State, content: Content): State {
  const step = content.steps.find((one) => one.slug === state.slug);
  if (!step) return { ...state, feedback: { tone: "fault", html: "", code: "unknown_step" } };
  const there = state.item === "step" || step.siblings[state.item];
  const same = there && itemOf(step, state.item).kind === itemNow(state)?.kind;
  return {
    ...state,
    content,
    item: there ? state.item : "step",
    answer: same ? state.answer : "",
    segments: null,
  };
}

function clampPace(pace: number): Pace {
  return Math.max(-2, Math.min(2, Math.round(pace))) as Pace;
}

// --- questions about the state ------------------------------------------------------------------

export function stepOf(state: State): Step | null {
  return state.content.steps.find((step) => step.slug === state.slug) ?? null;
}

export function itemNow(state: State): Item | null {
  const step = stepOf(state);
  return step ? itemOf(step, state.item) : null;
}

/** The ladder of the question on the screen; a sibling has one rung. */
export function hintsOf(state: State): readonly string[] {
  const step = stepOf(state);
  if (!step) return [];
  const item = itemOf(step, state.item);
  return state.item === "step" ? step.hints : item.help ? [item.help] : [];
}

/** How many examples there are for the question on the screen. */
export function examplesOf(state: State): number {
  return stepOf(state)?.examples.length ?? 0;
}

/** Whether the answer of this very question has been shown. */
export function revealed(state: State): boolean {
  return state.worked || (state.item !== "step" && state.hints > 0);
}

/** Whether the question is on the screen whole, so that it can be answered. */
export function answerable(state: State): boolean {
  const step = stepOf(state);
  return state.segments === null || state.segments >= (step?.segments.length ?? 0);
}

/** A right easier item leads back to the step; the others finish it. */
export function leadsBack(state: State): boolean {
  return state.item === "easier_item" || state.item === "prerequisite_item";
}

/** The step that follows: the server's choice, or what this page can tell by itself. */
export function following(state: State): string | null {
  if (state.next) return state.next.item.step;
  return nextUnsolved(state.content, state.solved, state.slug);
}

/** Whether the step on the screen is not in the lesson any more. */
export function gone(state: State): boolean {
  return state.feedback?.code === "unknown_step";
}

/** The first unsolved step after `after`, else the first unsolved one; `fits` may narrow it. */
export function nextUnsolved(
  content: Content,
  solved: readonly string[],
  after: string | null,
  fits: (step: Step) => boolean = () => true,
): string | null {
  const start = content.steps.findIndex((step) => step.slug === after) + 1;
  const order = [...content.steps.slice(start), ...content.steps.slice(0, start)];
  return (
    order.find((s) => s.slug !== after && !solved.includes(s.slug) && fits(s))?.slug ??
    order.find((s) => !solved.includes(s.slug) && fits(s))?.slug ??
    null
  );
}
