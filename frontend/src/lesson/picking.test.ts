import { describe, expect, it } from "vitest";
import type { Item } from "./content";
import { lesson } from "./lesson.fixture";
import { given, moved, orderOf, toggled } from "./picking";

const first = lesson.steps[0];
const item: Item = {
  ...(first?.item as Item),
  kind: "order",
  choices: ["b", "a", "c"].map((key) => ({ key, html: key, label: key })),
};

describe("picking", () => {
  it("adds and takes away a choice, in the order of the question", () => {
    expect(toggled(item, "", "c")).toBe("c");
    expect(toggled(item, "c", "b")).toBe("b c");
    expect(toggled(item, "b c", "c")).toBe("b");
    expect(toggled(item, "b", "b")).toBe("");
  });

  it("stands in the order of the question until something is moved", () => {
    expect(orderOf(item, "")).toEqual(["b", "a", "c"]);
    expect(orderOf(item, "a c b")).toEqual(["a", "c", "b"]);
  });

  it("falls back to the question where the answer is another one's", () => {
    expect(orderOf(item, "a b")).toEqual(["b", "a", "c"]);
    expect(orderOf(item, "a b b")).toEqual(["b", "a", "c"]);
    expect(orderOf(item, "a b x")).toEqual(["b", "a", "c"]);
  });

  it("moves one and leaves the others in their order", () => {
    expect(moved(["b", "a", "c"], "c", 0)).toEqual(["c", "b", "a"]);
    expect(moved(["b", "a", "c"], "b", 1)).toEqual(["a", "b", "c"]);
    expect(moved(["b", "a", "c"], "a", -1)).toEqual(["a", "b", "c"]);
    expect(moved(["b", "a", "c"], "a", 9)).toEqual(["b", "c", "a"]);
  });

  it("sends things to be sorted as they stand, and anything else as it was written", () => {
    expect(given(item, "")).toBe("b a c");
    expect(given({ ...item, kind: "several" }, "")).toBe("");
  });
});
