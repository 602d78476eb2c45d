import { afterEach, describe, expect, it, vi } from "vitest";
import { LongTasks, vitalsOf } from "./vitals";

describe("a connection's statistics", () => {
  it("are read as Chromium gives them", () => {
    const { sign, heard } = vitalsOf([
      { type: "codec" },
      { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.01, roundTripTime: 0.2 },
      { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.3, roundTripTime: 0.1 },
      {
        type: "outbound-rtp",
        kind: "video",
        framesPerSecond: 7,
        qualityLimitationReason: "cpu",
      },
      { type: "outbound-rtp", kind: "audio" },
      { type: "candidate-pair", nominated: false, state: "waiting", bytesReceived: 9_000 },
      {
        type: "candidate-pair",
        nominated: true,
        state: "succeeded",
        availableOutgoingBitrate: 120_000,
        currentRoundTripTime: 0.05,
        bytesReceived: 1234,
      },
    ]);
    expect(sign).toEqual({
      lost: 0.3,
      roundTripS: 0.2,
      lineKbps: 120,
      framesPerS: 7,
      cpuLimited: true,
      blocked: 0,
    });
    expect(heard).toBe(1234);
  });

  it("are unknown where a browser leaves them out", () => {
    const { sign, heard } = vitalsOf([
      { type: "outbound-rtp", kind: "video" },
      { type: "candidate-pair", nominated: true, state: "succeeded" },
    ]);
    expect(sign).toMatchObject({ lost: null, lineKbps: null, framesPerS: null, cpuLimited: false });
    expect(heard).toBeNull();
  });
});

describe("long tasks", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are a share of the time since the last look", () => {
    let tell: (ms: number) => void = () => undefined;
    class Observer {
      static supportedEntryTypes = ["longtask"];
      constructor(seen: (list: { getEntries(): { duration: number }[] }) => void) {
        tell = (duration) => seen({ getEntries: () => [{ duration }] });
      }
      observe(): void {}
      disconnect(): void {}
    }
    vi.stubGlobal("PerformanceObserver", Observer);
    let now = 0;
    const tasks = new LongTasks(() => now);
    tell(300);
    tell(200);
    now = 1000;
    expect(tasks.share()).toBe(0.5);
    now = 2000;
    expect(tasks.share()).toBe(0);
  });

  it("are none where a browser does not know them", () => {
    vi.stubGlobal("PerformanceObserver", undefined);
    expect(new LongTasks(() => 0).share()).toBe(0);
  });
});
