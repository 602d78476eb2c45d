import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AdaptationMessage } from "../protocol";
import type { Action } from "./reduce";
import { Remarks } from "./remarks";
import { initial } from "./state";

describe("that less is sent", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is told once, quietly, and goes by itself", () => {
    const done: Action[] = [];
    const remarks = new Remarks((action) => done.push(action));
    remarks.lighter(initial);
    remarks.lighter(initial);
    expect(done).toEqual([{ do: "note", note: "lighter" }]);
    vi.advanceTimersByTime(10_000);
    expect(done.at(-1)).toEqual({ do: "note", note: null });
    remarks.lighter(initial);
    expect(done).toHaveLength(2);
  });

  it("takes no offer's place, and is told at the next step then", () => {
    const done: Action[] = [];
    const remarks = new Remarks((action) => done.push(action));
    remarks.lighter({ ...initial, offer: {} as AdaptationMessage });
    expect(done).toEqual([]);
    remarks.lighter(initial);
    expect(done).toHaveLength(1);
  });
});
