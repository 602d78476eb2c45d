import { describe, expect, it } from "vitest";
import type { LearnerRow } from "../protocol";
import {
  type ClassroomState,
  countByNeed,
  emptyClassroom,
  newlyInNeed,
  reduceClassroom,
  sinceOf,
  sorted,
} from "./classroom";

function row(
  session: string,
  need: LearnerRow["need"],
  changes: Partial<LearnerRow> = {},
): LearnerRow {
  return {
    session,
    name: session,
    need,
    reasons: [],
    since_s: 0,
    confidence: "low",
    coverage: 1,
    step: "",
    last_adaptation: null,
    last_outcome: null,
    acknowledged_by: "",
    connected: true,
    classes: [],
    ...changes,
  };
}
function classOf(...learners: LearnerRow[]): ClassroomState {
  const head = { seq: 1, parts: 0, classes: [] };
  const message = { type: "classroom", course: "c", title: "C", paused: false, learners } as const;
  return reduceClassroom(emptyClassroom, {
    do: "classroom",
    message: { ...message, ...head, learners },
    nowMs: 0,
  });
}
const names = (state: ClassroomState): string[] => sorted(state, "en").map(({ row }) => row.name);

describe("the classroom", () => {
  it("is sorted by need, then by how long, then by name", () => {
    const state = classOf(
      row("Zoe", "fine", { since_s: 900 }),
      row("Ann", "fine"),
      row("Kim", "struggle", { since_s: 10 }),
      row("Max", "struggle", { since_s: 90 }),
      row("Eva", "idle"),
      row("Leo", "wheelspin"),
      row("Mia", "unresolved"),
      row("Ben", "frustrated"),
    );
    expect(names(state)).toEqual(["Leo", "Mia", "Ben", "Max", "Kim", "Eva", "Ann", "Zoe"]);
  });

  it("counts the time on from what it was told", () => {
    const [seen] = sorted(classOf(row("a", "struggle", { since_s: 50 })), "en");
    expect(seen && sinceOf(seen, 20_000)).toBe(70);
  });

  it("takes changes and farewells", () => {
    const state = reduceClassroom(classOf(row("a", "fine"), row("b", "fine")), {
      do: "learners",
      message: {
        type: "learners",
        seq: 2,
        changed: [row("a", "wheelspin"), row("c", "fine")],
        left: ["b"],
      },
      nowMs: 1000,
    });
    expect(names(state)).toEqual(["a", "c"]);
    expect(countByNeed(state).get("wheelspin")).toBe(1);
  });

  it("forgets everything that a whole class does not name", () => {
    const before = classOf(row("a", "wheelspin"));
    const message = {
      type: "classroom",
      course: "c",
      title: "C",
      paused: true,
      learners: [],
    } as const;
    const state = reduceClassroom(before, {
      do: "classroom",
      message: { ...message, seq: 1, parts: 0, classes: [], learners: [] },
      nowMs: 5,
    });
    expect(state.learners.size).toBe(0);
    expect(state.paused).toBe(true);
  });

  it("tells who is new among those in need, but not the whole class at the beginning", () => {
    const first = classOf(row("a", "wheelspin"));
    expect(newlyInNeed(emptyClassroom, first)).toEqual([]);
    const next = classOf(row("a", "wheelspin"), row("b", "struggle"), row("c", "idle"));
    expect(newlyInNeed(first, next).map(({ name }) => name)).toEqual(["b"]);
  });
});
