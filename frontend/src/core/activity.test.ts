import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventMessage } from "../protocol";
import { watchActivity } from "./activity";

describe("watching the page", () => {
  let told: EventMessage[];
  let end: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    end = watchActivity(document, (event) => told.push(event));
  });
  afterEach(() => {
    end();
    vi.useRealTimers();
  });

  it("tells that nothing was touched for 30 s, and again each time it has doubled", () => {
    vi.advanceTimersByTime(130_000);
    expect(told).toEqual([30, 60, 120].map((idle_s) => ({ type: "idle", idle_s })));
  });

  it("counts from the last movement", () => {
    vi.advanceTimersByTime(20_000);
    document.dispatchEvent(new Event("pointermove"));
    vi.advanceTimersByTime(29_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([{ type: "idle", idle_s: 30 }]);
  });

  it("tells that somebody types and that they stopped: neither keys nor their rhythm", () => {
    for (const key of ["a", "b", "Backspace"]) {
      document.dispatchEvent(new KeyboardEvent("keydown", { key }));
      vi.advanceTimersByTime(400);
    }
    vi.advanceTimersByTime(3_000);
    expect(told).toEqual([
      { type: "activity", busy: "typing" },
      { type: "activity", busy: "none" },
    ]);
  });

  it("tells that the page is hidden, and is not idle meanwhile", () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    document.dispatchEvent(new Event("visibilitychange"));
    vi.advanceTimersByTime(120_000);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(told).toEqual([
      { type: "visibility", hidden: true },
      { type: "visibility", hidden: false },
    ]);
  });

  it("takes a wall clock that jumps for no idle hour", () => {
    vi.advanceTimersByTime(10_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(19_000);
    expect(told).toEqual([]);
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([{ type: "idle", idle_s: 30 }]);
  });

  it("is deaf once it has ended", () => {
    end();
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
    vi.advanceTimersByTime(120_000);
    expect(told).toEqual([]);
  });
});
