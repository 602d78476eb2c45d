import { afterEach, describe, expect, it } from "vitest";
import { Tutor } from "./tutor";

const tell = (name: string, detail: unknown): boolean =>
  document.body.dispatchEvent(new CustomEvent(name, { detail }));

function element(report: unknown): HTMLElement {
  const made = document.createElement("tutor-emotion");
  Object.assign(made, { report });
  document.body.append(made);
  return made;
}

afterEach(() => document.body.replaceChildren());

describe("the door to the plugin", () => {
  it("hands reports over", () => {
    const seen: unknown[] = [];
    element((event: unknown) => seen.push(event));
    new Tutor().report({ type: "text", text: "why?" });
    expect(seen).toEqual([{ type: "text", text: "why?" }]);
  });

  it("does nothing where the element is missing, dead or broken", () => {
    const tutor = new Tutor();
    const report = (): void => tutor.report({ type: "text", text: "why?" });
    expect(report).not.toThrow();
    element(undefined);
    expect(report).not.toThrow();
    document.body.replaceChildren();
    element(() => {
      throw new Error("broken");
    });
    expect(report).not.toThrow();
  });

  it("passes adaptations on, and nothing that is not one", () => {
    const heard: unknown[] = [];
    new Tutor().onAdaptation((adaptation, choice) => heard.push([adaptation.kind, choice]));
    tell("tutor-emotion-adaptation", { adaptation: { id: 1, kind: "hint" }, choice: "hint" });
    tell("tutor-emotion-adaptation", { adaptation: { id: 2, kind: "slow_down" } });
    for (const detail of [null, undefined, 3, {}, { adaptation: { kind: "hint" } }])
      tell("tutor-emotion-adaptation", detail);
    expect(heard).toEqual([
      ["hint", "hint"],
      ["slow_down", null],
    ]);
  });

  it("offers to write only while written messages are in use", () => {
    const tutor = new Tutor();
    element(() => undefined);
    tutor.onStatus(() => undefined);
    expect(tutor.hearsText).toBe(false);
    tell("tutor-emotion-status", { in_use: ["interaction", "text"] });
    expect(tutor.hearsText).toBe(true);
    tell("tutor-emotion-status", { in_use: [] });
    expect(tutor.hearsText).toBe(false);
    tell("tutor-emotion-status", null);
    expect(tutor.hearsText).toBe(false);
  });
});
