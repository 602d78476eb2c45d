import { describe, expect, it, vi } from "vitest";
import type { LearnerRow, LearnersMessage } from "../protocol";
import { Announcer } from "./announcer";
import {
  type ClassroomState,
  classroomReducer,
  countByNeed,
  emptyClassroom,
  newlyInNeed,
  sinceOf,
} from "./classroom";
import { densityOf } from "./density";
import { everyone, type Filter, filterOf, hashOf, matches } from "./filter";
import { waitingChanges } from "./order";
import { SeenMarks } from "./seen";
import { Tone } from "./tone";
import { Words } from "./words";

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
  return classroomReducer("en")(emptyClassroom, {
    do: "classroom",
    message: { ...message, ...head, learners },
    nowMs: 0,
  });
}
const reduceClassroom = classroomReducer("en");
const change = (seq: number, changed: LearnerRow[], left: string[] = []): LearnersMessage => ({
  type: "learners",
  seq,
  changed,
  left,
});
const hear = (state: ClassroomState, message: LearnersMessage, nowMs = 1000): ClassroomState =>
  reduceClassroom(state, { do: "learners", message, nowMs });
const hold = (state: ClassroomState, held: boolean): ClassroomState =>
  reduceClassroom(state, { do: "hold", held });
const places = ({ order }: ClassroomState): string[] => [...order.attention, ...order.well];

describe("the classroom", () => {
  it("is sorted by need, then by how long, then by name", () => {
    const state = classOf(
      row("Zoe", "fine", { since_s: 900 }),
      row("Ann", "fine"),
      row("Rob", "on_a_roll"),
      row("Kim", "struggle", { since_s: 10 }),
      row("Max", "struggle", { since_s: 90 }),
      row("Eva", "idle"),
      row("Leo", "wheelspin"),
      row("Mia", "unresolved"),
      row("Ben", "frustrated"),
      row("Tim", "rushing"),
    );
    const { attention, well } = state.order;
    expect(attention).toEqual(["Leo", "Mia", "Ben", "Max", "Kim", "Tim", "Eva"]);
    expect(well).toEqual(["Ann", "Zoe", "Rob"]);
  });

  it("puts those who are attended to after the others of their need", () => {
    const mine = row("Max", "struggle", { since_s: 90, acknowledged_by: "Weber" });
    let state = classOf(mine, row("Kim", "struggle"), row("Lea", "struggle"));
    expect(places(state)).toEqual(["Kim", "Lea", "Max"]);
    const attention = new Map([["Kim", "struggle" as const]]);
    state = reduceClassroom(state, { do: "attention", attention });
    expect(places(state)).toEqual(["Lea", "Max", "Kim"]);
    state = hear(state, change(2, [row("Kim", "unresolved")]));
    expect(places(state)[0]).toBe("Kim"); // what was seen is over: this is another need
  });

  it("counts the time on from what it was told", () => {
    const seen = classOf(row("a", "struggle", { since_s: 50 })).learners.get("a");
    expect(seen && sinceOf(seen, 20_000)).toBe(70);
  });

  it("takes changes and farewells", () => {
    const before = classOf(row("a", "fine"), row("b", "fine"));
    const state = hear(before, change(2, [row("a", "wheelspin"), row("c", "fine")], ["b"]));
    expect(places(state)).toEqual(["a", "c"]);
    expect(countByNeed(state).get("wheelspin")).toBe(1);
    expect(state.gap).toBe(false);
  });

  it("forgets everything that a whole class does not name", () => {
    const before = classOf(row("a", "wheelspin"));
    const head = { type: "classroom", course: "c", title: "C", paused: true } as const;
    const message = { ...head, seq: 9, parts: 0, classes: [], learners: [] };
    const state = reduceClassroom(before, { do: "classroom", message, nowMs: 5 });
    expect(state.learners.size).toBe(0);
    expect(state.paused).toBe(true);
  });

  it("tells who is new among those in need, but not the whole class at the beginning", () => {
    const first = classOf(row("a", "wheelspin"));
    expect(newlyInNeed(emptyClassroom, first)).toEqual([]);
    const next = classOf(row("a", "wheelspin"), row("b", "struggle"), row("c", "idle"));
    expect(newlyInNeed(first, next).map(({ name }) => name)).toEqual(["b"]);
    const taken = classOf(row("a", "wheelspin"), row("b", "struggle", { acknowledged_by: "W" }));
    expect(newlyInNeed(first, taken)).toEqual([]);
  });
});

describe("a lost message", () => {
  it("is noticed by its number, and forgotten with the whole class", () => {
    const lost = hear(classOf(row("a", "fine")), change(3, [row("a", "idle")]));
    expect(lost.gap).toBe(true);
    expect(hear(lost, change(4, [])).gap).toBe(true);
    const head = { type: "classroom", course: "c", title: "C", paused: false } as const;
    const message = { ...head, seq: 5, parts: 1, classes: [], learners: [row("b", "fine")] };
    let state = reduceClassroom(lost, { do: "classroom", message, nowMs: 0 });
    expect([state.gap, state.parts]).toEqual([false, 1]);
    const rest = hear(state, change(6, [row("d", "wheelspin")]));
    expect(newlyInNeed(state, rest)).toEqual([]); // the rest of the class is no news
    state = hear(rest, change(7, [row("e", "wheelspin")]));
    expect(newlyInNeed(rest, state).map(({ name }) => name)).toEqual(["e"]);
  });
});

describe("rows under a pointer", () => {
  it("keep their places until they are let go, and who is new comes last", () => {
    const before = hold(classOf(row("a", "struggle"), row("b", "fine"), row("c", "fine")), true);
    const held = hear(before, change(2, [row("c", "wheelspin"), row("d", "unresolved")], ["b"]));
    expect(held.order.attention).toEqual(["a", "d"]);
    expect(held.order.well).toEqual(["c"]);
    expect(held.learners.get("c")?.row.need).toBe("wheelspin"); // its words do change
    expect(waitingChanges(held.order, held.learners, held.attention)).toBe(2);
    expect(places(hold(held, false))).toEqual(["c", "d", "a"]);
  });

  it("go to their new places when that is asked for", () => {
    const held = hear(
      hold(classOf(row("a", "fine"), row("b", "fine")), true),
      change(2, [row("b", "idle")]),
    );
    const placed = reduceClassroom(held, { do: "place" });
    expect(places(placed)).toEqual(["b", "a"]);
    expect(placed.held).toBe(true);
    expect(waitingChanges(placed.order, placed.learners, placed.attention)).toBe(0);
  });

  it("do not count a start that is told again", () => {
    const held = hold(classOf(row("a", "idle", { since_s: 100 })), true);
    const again = hear(held, change(2, [row("a", "idle", { since_s: 101, coverage: 0.5 })]));
    expect(waitingChanges(again.order, again.learners, again.attention)).toBe(0);
  });
});

describe("a class of forty", () => {
  it("stands on one screen, the roomier the fewer need somebody", () => {
    const densities = [2, 6, 8, 14, 16, 22, 40].map((needing) => densityOf(needing, 40 - needing));
    expect(densities).toEqual(["roomy", "roomy", "dense", "dense", "dense", "densest", "densest"]);
    expect(densityOf(3, 0)).toBe("roomy");
    expect(densityOf(6, 394)).toBe("roomy"); // those who do well are below anyway
  });
});

describe("taking on", () => {
  it("is on its way until the row says it", () => {
    const asked = reduceClassroom(classOf(row("a", "idle")), { do: "asked", session: "a" });
    expect(hear(asked, change(2, [row("a", "struggle")])).asked.has("a")).toBe(true);
    const done = hear(asked, change(2, [row("a", "idle", { acknowledged_by: "Weber" })]));
    expect(done.asked.has("a")).toBe(false);
  });
});

describe("the filter", () => {
  const ada = row("Émile", "struggle", { classes: [3] });

  it("finds by need, class, name and whether anybody attends", () => {
    const found = (change: Partial<Filter>, of = ada, quiet = false): boolean =>
      matches({ ...everyone, ...change }, of, quiet);
    expect(found({})).toBe(true);
    expect([found({ need: "struggle" }), found({ need: "idle" })]).toEqual([true, false]);
    expect([found({ schoolClass: 3 }), found({ schoolClass: 4 })]).toEqual([true, false]);
    expect([found({ name: "emil" }), found({ name: "ada" })]).toEqual([true, false]);
    expect(found({ unattended: true })).toBe(true);
    expect(found({ unattended: true }, ada, true)).toBe(false);
    expect(found({ unattended: true }, { ...ada, acknowledged_by: "W" })).toBe(false);
    expect(found({ unattended: true }, row("b", "on_a_roll"))).toBe(false);
  });

  it("is kept in the address, and what is no filter is left out", () => {
    const filter: Filter = { need: "idle", schoolClass: 12, name: "é & b", unattended: true };
    expect(filterOf(hashOf(filter))).toEqual(filter);
    expect(hashOf(everyone)).toBe("");
    expect(filterOf("#need=sad&class=-1&new=yes&x=<script>")).toEqual(everyone);
    expect(filterOf("#class=1e9").schoolClass).toBeNull();
  });
});

describe("marks of what was seen", () => {
  it("last for the need they were made for, come off again, and survive a reload", () => {
    const kept = new Map<string, string>();
    const keeping = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const marks = new SeenMarks("fractions", keeping);
    const once = marks.toggled(marks.read(), "a", "struggle");
    expect([...new SeenMarks("fractions", keeping).read()]).toEqual([["a", "struggle"]]);
    expect(new SeenMarks("latin", keeping).read().size).toBe(0);
    expect([...marks.toggled(once, "a", "wheelspin")]).toEqual([["a", "wheelspin"]]);
    expect(marks.toggled(once, "a", "struggle").size).toBe(0);
  });

  it("are none where the storage holds something else, or is blocked", () => {
    const broken = { getItem: () => "{", setItem: () => undefined };
    expect(new SeenMarks("c", broken).read().size).toBe(0);
    const strange = { getItem: () => '[["a","sad"],[1],"x"]', setItem: () => undefined };
    expect(new SeenMarks("c", strange).read().size).toBe(0);
    expect(new SeenMarks("c", null).toggled(new Map(), "a", "idle").size).toBe(1);
  });
});

describe("the tone", () => {
  it("is off by default, soft, and rests", () => {
    const notes: number[] = [];
    let nowMs = 0;
    const param = {
      setValueAtTime: () => 0,
      linearRampToValueAtTime: () => 0,
      exponentialRampToValueAtTime: () => 0,
      value: 0,
    };
    const node = {
      connect: (to: unknown) => to,
      gain: param,
      frequency: param,
      start: (at: number) => notes.push(at),
      stop: () => 0,
    };
    const audio = {
      currentTime: 0,
      destination: {},
      createOscillator: () => node,
      createGain: () => node,
      resume: async () => undefined,
      close: async () => undefined,
    };
    const tone = new Tone(
      () => audio as unknown as AudioContext,
      () => nowMs,
    );
    expect([tone.on, tone.play(), notes.length]).toEqual([false, false, 0]);
    tone.switchOn();
    expect([tone.on, notes.length]).toEqual([true, 2]);
    nowMs = 19_000;
    expect(tone.play()).toBe(false);
    nowMs = 21_000;
    expect(tone.play()).toBe(true);
    tone.switchOff();
    nowMs = 90_000;
    expect([tone.play(), notes.length]).toEqual([false, 4]);
  });
});

describe("the announcer", () => {
  it("tells together what comes together, and rests in between", () => {
    vi.useFakeTimers();
    const told: string[] = [];
    const announcer = new Announcer(new Words("en"), (text) => told.push(text));
    announcer.tell(["a", "b", "c", "d", "e"].map((name) => row(name, "wheelspin")));
    vi.advanceTimersByTime(1);
    const [first] = told;
    expect(first).toContain("a: Going in circles");
    expect(first).toContain("2 more may need you");
    announcer.tell([row("f", "idle")]);
    vi.advanceTimersByTime(9_000);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(told).toHaveLength(2);
    announcer.stop();
    vi.useRealTimers();
  });
});
