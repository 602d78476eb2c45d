import { describe, expect, it } from "vitest";
import type { Sensor } from "./media";
import { begin, encodingOf, judge, ladder, type Quality, type Sign, type Step } from "./quality";

const BOTH: readonly Sensor[] = ["face", "voice"];
const FINE: Sign = {
  lost: 0.01,
  roundTripS: 0.05,
  lineKbps: 400,
  framesPerS: 10,
  cpuLimited: false,
  blocked: 0.02,
};
const UNKNOWN: Sign = { ...FINE, lost: null, roundTripS: null, lineKbps: null, framesPerS: null };
const NARROW: Sign = { ...FINE, lineKbps: 10 };

/** Looks every two seconds; the steps that were taken, and when, in seconds. */
class Line {
  quality: Quality = begin(0);
  s = 0;
  readonly taken: [number, Step][] = [];

  constructor(readonly sensors: readonly Sensor[] = BOTH) {}

  is(sign: Sign, forS: number): this {
    for (const end = this.s + forS; this.s < end; ) {
      this.s += 2;
      const { step } = this.quality;
      this.quality = judge(this.quality, sign, this.sensors, this.s * 1000);
      if (this.quality.step !== step) this.taken.push([this.s, this.quality.step]);
    }
    return this;
  }
  get steps(): Step[] {
    return this.taken.map(([, step]) => step);
  }
}

describe("the quality of what is sent", () => {
  it("stays whole on a good line, and where a browser tells nothing", () => {
    expect(new Line().is(FINE, 600).taken).toEqual([]);
    expect(new Line().is(UNKNOWN, 600).taken).toEqual([]);
  });

  it("goes down in seconds, step by step, and lets go of sound last and latest", () => {
    const { taken } = new Line().is(NARROW, 60);
    expect(taken.map(([, step]) => step)).toEqual(["reduced", "sound", "none"]);
    expect(taken[0]?.[0]).toBeLessThanOrEqual(10);
    expect(taken[1]?.[0]).toBeLessThanOrEqual(20);
    expect(taken[2]?.[0]).toBeGreaterThanOrEqual(28);
  });

  it.each([
    ["packets are lost", { lost: 0.35 }],
    ["everything is late", { roundTripS: 2.5 }],
    ["the line is narrow", { lineKbps: 60 }],
    ["the encoder cannot keep up", { cpuLimited: true }],
    ["hardly a picture leaves", { framesPerS: 1 }],
    ["the page stands still", { blocked: 0.7 }],
  ])("goes down where %s", (_, sign) => {
    expect(new Line().is({ ...FINE, ...sign }, 10).steps).toEqual(["reduced"]);
  });

  it("does not mind a bad moment", () => {
    const line = new Line();
    for (let minute = 0; minute < 10; minute++) line.is(FINE, 58).is(NARROW, 2);
    expect(line.taken).toEqual([]);
  });

  it("comes back one step at a time, half a minute each", () => {
    const line = new Line().is(NARROW, 20).is(FINE, 90);
    expect(line.steps).toEqual(["reduced", "sound", "reduced", "full"]);
    expect((line.taken[2]?.[0] ?? 0) - 20).toBeGreaterThanOrEqual(30);
    expect((line.taken[3]?.[0] ?? 0) - (line.taken[2]?.[0] ?? 0)).toBeGreaterThanOrEqual(30);
  });

  it("needs more room to rise than to stay: between the two it rests", () => {
    const between = { ...FINE, lineKbps: 100 };
    expect(new Line().is(between, 300).taken).toEqual([]);
    expect(new Line().is(NARROW, 8).is(between, 300).steps).toEqual(["reduced"]);
  });

  it("does not flap on a line that only seems good: each relapse doubles the wait", () => {
    const line = new Line();
    for (let s = 0; s < 1800; s += 2)
      line.is(line.quality.step === "full" ? { ...FINE, lineKbps: 60 } : FINE, 2);
    expect(line.taken.length).toBeLessThanOrEqual(14);
    const rises = line.taken.filter(([, step]) => step === "full").map(([s]) => s);
    const gaps = rises.slice(1).map((s, at) => s - (rises[at] ?? 0));
    expect(gaps[0]).toBeLessThan(gaps.at(-1) ?? 0);
  });

  it("never comes back from nothing by itself: the devices are let go of", () => {
    expect(new Line().is(NARROW, 60).is(FINE, 3600).steps.at(-1)).toBe("none");
  });

  it("takes only steps that there are for what was agreed to", () => {
    expect(ladder(BOTH)).toEqual(["full", "reduced", "sound", "none"]);
    expect(ladder(["face"])).toEqual(["full", "reduced", "none"]);
    expect(ladder(["voice"])).toEqual(["full", "none"]);
    expect(new Line(["face"]).is(NARROW, 60).steps).toEqual(["reduced", "none"]);
    expect(new Line(["voice"]).is(NARROW, 60).steps).toEqual(["none"]);
  });

  it("does nothing more where the camera was taken away at the step for sound", () => {
    const line = new Line().is(NARROW, 20);
    expect(line.quality.step).toBe("sound");
    expect(judge(line.quality, FINE, ["voice"], 10_000_000)).toBe(line.quality);
  });

  it("tells the sender what each step is", () => {
    expect(encodingOf("video", "full")).toMatchObject({ active: true, maxFramerate: 10 });
    expect(encodingOf("video", "reduced")).toMatchObject({ active: true, maxFramerate: 5 });
    expect(encodingOf("video", "sound").active).toBe(false);
    expect(encodingOf("audio", "sound").active).toBe(true);
  });
});
