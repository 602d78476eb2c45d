import { describe, expect, it } from "vitest";
import { actionsFor } from "./adapt";
import { ADAPTATION_KINDS } from "./adaptation-kinds.fixture";
import { chosen, lesson } from "./lesson.fixture";
import {
  type Action,
  answerable,
  begin,
  hintsOf,
  itemNow,
  leadsBack,
  nextUnsolved,
  reduce,
  revealed,
  type State,
} from "./state";

const start = (slug = "a", solved: string[] = []): State => begin(lesson, solved, chosen(slug));
const doing = (state: State, ...actions: Action[]): State => actions.reduce(reduce, state);
const right = (solved: string[]): Action => ({
  do: "marked",
  marked: {
    correct: true,
    verdict: "right",
    counted: true,
    feedback: "Right.",
    normalised: "1/2",
    expected_p: null,
    solved,
    next: chosen(nextUnsolved(lesson, solved, null)),
  },
});
const wrong: Action = {
  do: "marked",
  marked: {
    correct: false,
    verdict: "wrong",
    counted: true,
    feedback: "Not yet.",
    normalised: "1",
    expected_p: null,
    solved: [],
    next: chosen("a"),
  },
};
const offer = (kind: (typeof ADAPTATION_KINDS)[number], pace = 0) => ({
  id: 1,
  kind,
  mode: "offer",
  pace,
  items: 2,
  effects: { examples: pace < -1 ? 2 : 1 },
});
const take = (state: State, kind: (typeof ADAPTATION_KINDS)[number], pace = 0): State =>
  doing(state, ...actionsFor(state, offer(kind, pace), kind));
const quiet = (state: State, kind: (typeof ADAPTATION_KINDS)[number], pace: number): State =>
  doing(state, ...actionsFor(state, { ...offer(kind, pace), mode: "quiet" }, null));

describe("a lesson", () => {
  it("begins with the item that was chosen", () => {
    expect(begin(lesson, ["a"], chosen("b", { item: "harder_item" }))).toMatchObject({
      slug: "b",
      item: "harder_item",
    });
    expect(begin(lesson, ["a", "b", "c"], chosen(null)).slug).toBeNull();
  });

  it("shows as many examples as were chosen and as there are", () => {
    expect(begin(lesson, [], chosen("a", { examples: 2 })).examples).toBe(1);
  });

  it("is the step where a sibling is not there any more", () => {
    const [first] = lesson.steps;
    if (!first) throw new Error("no step");
    const bare = { ...lesson, steps: [{ ...first, siblings: {} }] };
    expect(begin(bare, [], chosen("a", { item: "harder_item" })).item).toBe("step");
  });

  it("marks a step right and goes on to the next unsolved one", () => {
    const done = doing(start(), { do: "answer", text: "1/2" }, right(["a"]));
    expect(done.right).toBe(true);
    expect(nextUnsolved(done.content, done.solved, done.slug)).toBe("b");
  });

  it("comes back to a skipped step at the end", () => {
    expect(nextUnsolved(lesson, ["b", "c"], "c")).toBe("a");
  });

  it("keeps the written answer after a wrong one", () => {
    const state = doing(start(), { do: "answer", text: "1" }, wrong);
    expect([state.answer, state.right, state.feedback?.tone]).toEqual(["1", false, "notyet"]);
  });

  it("climbs the hint ladder no higher than it goes", () => {
    const state = doing(start(), { do: "hint" }, { do: "hint" }, { do: "hint" });
    expect(state.hints).toBe(hintsOf(state).length);
    expect(revealed(state)).toBe(false);
    expect(revealed(doing(state, { do: "worked" }))).toBe(true);
  });

  it("shows a segmented text part by part, and asks at the end", () => {
    let state = doing(start(), { do: "segment" });
    expect(answerable(state)).toBe(false);
    state = doing(state, { do: "part" });
    expect(answerable(state)).toBe(true);
    expect(doing(state, { do: "part" }).segments).toBe(2);
  });
});

describe("an adaptation that was taken", () => {
  it("changes the screen, whatever its kind, except what is only said", () => {
    const unchanged = ADAPTATION_KINDS.filter((kind) => {
      const state = start();
      return take(state, kind) === state;
    });
    expect(unchanged).toEqual(["confirm", "teacher_flag"]);
  });

  it("shows the next best thing when its own is used up", () => {
    const climbed = doing(start(), { do: "hint" }, { do: "hint" });
    expect(take(climbed, "hint").worked).toBe(true);
    expect(take(doing(start(), { do: "example" }), "extra_example").worked).toBe(true);
  });

  it("leads to a sibling and back to the step", () => {
    const easier = take(start(), "easier_item");
    expect(itemNow(easier)?.variant).toBe(11);
    expect(leadsBack(easier)).toBe(true);
    expect(doing(easier, { do: "open", slug: "a", item: "step" }).item).toBe("step");
  });

  it("meets as many items in their easier form as the course's policy says", () => {
    const next = doing(take(start(), "easier_item"), { do: "open", slug: "b" });
    expect(next.item).toBe("easier_item");
    expect(doing(next, { do: "open", slug: "c" }).item).toBe("step");
    const once = actionsFor(start(), { ...offer("easier_item"), items: 1 }, "easier_item");
    expect(doing(start(), ...once, { do: "open", slug: "b" }).item).toBe("step");
  });

  it("shows help where a step does not come in parts", () => {
    const whole = doing(start(), { do: "sibling", item: "similar_item" });
    expect(take(whole, "segment")).toMatchObject({ segments: null, hints: 1 });
  });

  it("does not disturb a step that is already solved: the sibling is the next one's", () => {
    const state = take(doing(start(), right(["a"])), "harder_item");
    expect([state.slug, state.item]).toEqual(["b", "harder_item"]);
  });

  it("switches to another skill", () => {
    expect(take(start(), "switch_item").slug).toBe("c");
  });
});

describe("a quiet change of pace", () => {
  it("moves nothing that is on the screen", () => {
    const before = doing(start(), { do: "answer", text: "3" });
    const now = quiet(before, "slow_down", -1);
    expect({ ...now, pace: 0, examplesFirst: 0 }).toEqual(before);
  });

  it("segments from the next step on, and puts as many examples first as the pace means", () => {
    expect(doing(quiet(start(), "slow_down", -1), { do: "open", slug: "b" })).toMatchObject({
      segments: 1,
      examples: 1,
    });
    expect(doing(quiet(start(), "segment", -2), { do: "open", slug: "b" })).toMatchObject({
      segments: 1,
      examples: 1,
    });
  });

  it("goes on with harder items when faster", () => {
    expect(doing(quiet(start(), "speed_up", 1), { do: "open", slug: "b" }).item).toBe(
      "harder_item",
    );
  });

  it("ends after three right answers in a row", () => {
    const slow = quiet(start(), "slow_down", -1);
    expect(doing(slow, right(["a"]), right(["a"])).pace).toBe(-1);
    expect(doing(slow, right(["a"]), right(["a"]), right(["a"])).pace).toBe(0);
    expect(doing(slow, right(["a"]), wrong, right(["a"]), right(["a"])).pace).toBe(-1);
  });

  it("keeps within its bounds", () => {
    expect(quiet(start(), "slow_down", -9).pace).toBe(-2);
  });
});
