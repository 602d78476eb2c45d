import { describe, expect, it } from "vitest";
import type { Status } from "../protocol";
import { offerOf, setupOf } from "../test/server";
import { type Action, reduce } from "./reduce";
import { badQuality, initial, inUse, type LearnerState, lastTime } from "./state";

function stateAfter(...actions: Action[]): LearnerState {
  return actions.reduce(reduce, initial);
}

const loaded: Action = { do: "loaded", setup: setupOf() };
const status = (in_use: Status["in_use"]): Action => ({
  do: "status",
  status: { type: "status", media: "live", in_use, allowed: in_use, reason: "" },
});
const dark: Action = {
  do: "window",
  report: {
    type: "window",
    seq: 0,
    face: "too_dark",
    voice: "silent",
    newest_media_s: null,
    estimated_at_s: null,
  },
};

describe("choosing", () => {
  it("begins with nothing ticked, whatever was consented before", () => {
    const state = stateAfter({ do: "loaded", setup: setupOf(undefined, ["face", "interaction"]) });
    expect(state.phase).toBe("choose");
    expect(Object.values(state.ticked)).toEqual([false, false, false, false, false]);
    expect(lastTime(state.setup)).toEqual(["face", "interaction"]);
  });

  it("ticks one modality at a time, and the old choice only when asked for", () => {
    const one = stateAfter(loaded, { do: "tick", modality: "voice", on: true });
    expect(one.ticked).toMatchObject({ face: false, voice: true, text: false });
    const again = stateAfter(
      { do: "loaded", setup: setupOf(undefined, ["face"]) },
      { do: "as_last_time" },
    );
    expect(again.ticked).toMatchObject({ face: true, voice: false });
  });

  it("never ticks what is not permitted, not even as last time", () => {
    const setup = setupOf(["interaction"], ["face", "interaction"]);
    const state = stateAfter({ do: "loaded", setup }, { do: "tick", modality: "face", on: true });
    expect(state.ticked.face).toBe(false);
    expect(reduce(state, { do: "as_last_time" }).ticked.face).toBe(false);
    expect(lastTime(setup)).toEqual(["interaction"]);
  });

  it("agrees to keep labelled moments only by its own tick, and forgets that too", () => {
    const setup = { ...setupOf(), calibration: { offered: true, consented: true } };
    const state = stateAfter({ do: "loaded", setup });
    expect(state.calibration).toBe(false);
    expect(reduce(state, { do: "as_last_time" }).calibration).toBe(true);
    const ticked = reduce(state, { do: "tick_calibration", on: true });
    expect(ticked.calibration).toBe(true);
    expect(ticked.ticked).toEqual(state.ticked);
    expect(reduce(ticked, { do: "choose" }).calibration).toBe(false);
  });

  it("goes on without sensors and keeps the rest", () => {
    const state = stateAfter(
      loaded,
      { do: "tick", modality: "face", on: true },
      { do: "tick", modality: "interaction", on: true },
      { do: "without_sensors" },
    );
    expect(state.ticked).toMatchObject({ face: false, interaction: true });
  });

  it("unticks everything when the learner chooses again", () => {
    const state = stateAfter(loaded, { do: "tick", modality: "text", on: true }, { do: "choose" });
    expect(state.ticked.text).toBe(false);
  });
});

describe("what is in use", () => {
  const running = (): LearnerState =>
    stateAfter(loaded, { do: "begin" }, { do: "welcome", allowed: ["face", "interaction"] });

  it("lists lesson activity, and a sensor only while its track runs", () => {
    expect(inUse(running())).toEqual(["interaction"]);
  });

  it("is nothing when paused, stopped, or replaced by another tab", () => {
    for (const use of ["paused", "stopped"] as const)
      expect(inUse(reduce(running(), { do: "use", use }))).toEqual([]);
    expect(inUse(reduce(running(), { do: "link", link: "closed", closeCode: 4409 }))).toEqual([]);
  });

  it("follows the server when a teacher turns lesson activity off and on", () => {
    const off = reduce(running(), status(["face"]));
    expect(inUse(off)).toEqual([]);
    expect(inUse(reduce(off, status(["face", "interaction"])))).toEqual(["interaction"]);
  });
});

describe("quality", () => {
  it("is worth a word only when it lasts, and is forgotten when it is good again", () => {
    const started = stateAfter(loaded, { do: "begin" });
    const four = [dark, dark, dark, dark].reduce(reduce, started);
    expect(badQuality(four)).toBeNull();
    const five = reduce(four, dark);
    expect(badQuality(five)).toBe("too_dark");
    const fine: Action = { do: "window", report: { ...dark.report, face: "ok" } };
    expect(badQuality(reduce(five, fine))).toBeNull();
  });

  it("never complains about silence", () => {
    const quiet: Action = { do: "window", report: { ...dark.report, face: "ok" } };
    expect(badQuality(Array<Action>(9).fill(quiet).reduce(reduce, initial))).toBeNull();
  });
});

describe("offers", () => {
  it("are shown while in use, and taken away by pause, stop and a closed connection", () => {
    const shown = stateAfter(loaded, { do: "begin" }, { do: "offer", offer: offerOf() });
    expect(shown.offer?.id).toBe(7);
    expect(reduce(shown, { do: "use", use: "paused" }).offer).toBeNull();
    expect(reduce(shown, { do: "link", link: "closed", closeCode: 4409 }).offer).toBeNull();
    expect(reduce(shown, { do: "link", link: "waiting", closeCode: null }).offer).not.toBeNull();
  });

  it("do not appear in a paused panel", () => {
    const paused = stateAfter(loaded, { do: "begin" }, { do: "use", use: "paused" });
    expect(reduce(paused, { do: "offer", offer: offerOf() }).offer).toBeNull();
  });
});
