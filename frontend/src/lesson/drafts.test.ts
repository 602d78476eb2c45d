import { beforeEach, describe, expect, it } from "vitest";
import { Drafts } from "./drafts";

beforeEach(() => sessionStorage.clear());

describe("what is being written", () => {
  it("is there again after the page was reloaded", () => {
    new Drafts("ada:one").keep("a", "3/");
    expect(new Drafts("ada:one").of("a")).toBe("3/");
  });

  it("belongs to one learner and one item", () => {
    new Drafts("ada:one").keep("a", "3/");
    expect(new Drafts("ben:one").of("a")).toBe("");
    expect(new Drafts("ada:one").of("b")).toBe("");
  });

  it("is gone when it was right, or was taken back", () => {
    const drafts = new Drafts("ada:one");
    drafts.keep("a", "3/4");
    drafts.forget("a");
    drafts.keep("b", "1");
    drafts.keep("b", "");
    expect(drafts.of("a") + drafts.of("b")).toBe("");
    expect(sessionStorage).toHaveLength(0);
  });

  it("is not kept where the browser has no room or no storage", () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException("full");
      },
    };
    const drafts = new Drafts("ada:one", full as unknown as Storage);
    expect(() => drafts.keep("a", "1")).not.toThrow();
    expect(new Drafts("ada:one", null).of("a")).toBe("");
  });
});
