import type { AnswerKind, Content, Item, NextItem, Step } from "./content";

const item = (variant: number | null): Item => ({
  variant,
  version: "v1",
  html: "<p>How much?</p>",
  kind: "fraction",
  form: "any",
  choices: [],
  difficulty: 0.5,
  expected_s: 40,
  help: variant === null ? "" : "<p>Count.</p>",
});

const step = (slug: string, skill: string, ids: number): Step => ({
  slug,
  title: `Step ${slug}`,
  skill,
  skill_name: `${skill[0]?.toUpperCase()}${skill.slice(1)} fractions`,
  strategy: "Count first.",
  item: item(null),
  segments: ["<p>First</p>", "<p>Then</p>"],
  hints: ["<p>One</p>", "<p>Two</p>"],
  worked: "<p>Worked</p>",
  examples: ["<p>Example</p>"],
  siblings: {
    easier_item: item(ids + 1),
    similar_item: item(ids + 2),
    harder_item: item(ids + 3),
    prerequisite_item: item(ids + 4),
  },
});

export const lesson: Content = {
  lesson: "test",
  title: "A test",
  language: "en",
  direction: "ltr",
  steps: [step("a", "naming", 10), step("b", "naming", 20), step("c", "adding", 30)],
};

const CHOICES = ["b", "a", "c"].map((key) => ({
  key,
  html: `<em>${key}</em>`,
  label: key.toUpperCase(),
}));

/** What a server may choose. */
export const chosen = (step: string | null, more: Partial<NextItem> = {}): NextItem => ({
  step,
  item: "step",
  reason: "same_skill",
  skill: "naming",
  examples: 0,
  may_skip: false,
  why: "",
  ...more,
});

/** The same lesson, whose first step is answered in this way. */
export function answeredBy(kind: AnswerKind): Content {
  const [first, ...rest] = lesson.steps;
  if (!first) throw new Error("no step");
  return {
    ...lesson,
    steps: [{ ...first, item: { ...first.item, kind, choices: CHOICES } }, ...rest],
  };
}
