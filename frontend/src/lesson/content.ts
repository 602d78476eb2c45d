import type { AdaptationKind } from "../protocol";

export const SIBLINGS = [
  "easier_item",
  "similar_item",
  "harder_item",
  "prerequisite_item",
] as const;
export type Sibling = (typeof SIBLINGS)[number];
/** Which question of a step is on the screen. */
export type ItemKind = "step" | Sibling;

export type AnswerKind =
  | "number"
  | "fraction"
  | "expression"
  | "choice"
  | "several"
  | "order"
  | "text";

/** `label` is the same as `html` in bare words. */
export interface Choice {
  readonly key: string;
  readonly html: string;
  readonly label: string;
}

/** A question; `html` comes clean from the server. `version` names what is seen of it. */
export interface Item {
  readonly variant: number | null;
  readonly version: string;
  readonly html: string;
  readonly kind: AnswerKind;
  readonly form: string;
  readonly choices: readonly Choice[];
  readonly difficulty: number;
  readonly expected_s: number | null;
  readonly help: string;
}

export interface Step {
  readonly slug: string;
  readonly title: string;
  readonly skill: string;
  readonly skill_name: string;
  readonly strategy: string;
  readonly item: Item;
  readonly segments: readonly string[];
  readonly hints: readonly string[];
  readonly worked: string;
  readonly examples: readonly string[];
  readonly siblings: Readonly<Partial<Record<Sibling, Item>>>;
}

export interface Content {
  readonly lesson: string;
  readonly title: string;
  /** Of the text of the steps; the words around them may be in another. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  readonly steps: readonly Step[];
}

/** The item that the server chose, and why, in the words of the page. */
export interface NextItem {
  /** null where nothing is left. */
  readonly step: string | null;
  readonly item: ItemKind;
  readonly reason: string;
  /** What the reason speaks of. */
  readonly skill: string;
  /** Examples to show beside it. */
  readonly examples: number;
  /** The skill is finished; the learner may leave out the rest of it. */
  readonly may_skip: boolean;
  readonly why: string;
}

/** What the page says besides the content. */
export interface Page {
  /** A name for this learner that says nothing of them. */
  readonly learner: string;
  readonly solved: readonly string[];
  readonly opening: NextItem;
  readonly urls: Readonly<
    Record<"content" | "answer" | "next" | "carried_out" | "home" | "math", string>
  >;
}

export interface Marked {
  readonly correct: boolean;
  readonly verdict: string;
  /** Whether it was an attempt; what cannot be marked is none. */
  readonly counted: boolean;
  readonly feedback: string;
  readonly normalised: string;
  /** How probable a right answer was; null where the answer tells nothing. */
  readonly expected_p: number | null;
  readonly solved: readonly string[];
  readonly next: NextItem;
}

/** The part of the plugin's event that a lesson needs. */
export interface Adaptation {
  readonly id: number;
  readonly kind: AdaptationKind;
  readonly mode: string;
  readonly pace: number;
  /** For how many items an easier one stays. */
  readonly items?: number;
  readonly effects?: { readonly examples: number };
}

export function itemOf(step: Step, kind: ItemKind): Item {
  return kind === "step" ? step.item : (step.siblings[kind] ?? step.item);
}

/** The name of a question in reports: a sibling is another item than its step. */
export function itemKey(step: Step, kind: ItemKind): string {
  return kind === "step" ? step.slug : `${step.slug}.${kind}`;
}
