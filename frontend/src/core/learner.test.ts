import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AdaptationKind, Modality } from "../protocol";
import { MODALITIES, PROTOCOL_VERSION } from "../protocol";
import { FakeDevices, fakePeers } from "../test/media";
import { FakeServer, fakeFetch, offerOf, SESSION_ID, welcomeOf } from "../test/server";
import { Api } from "./api";
import { Learner } from "./learner";
import { inUse } from "./state";

const ALL: Modality[] = ["face", "voice", "interaction", "self_report"];

describe("a learner", () => {
  let server: FakeServer;
  let http: ReturnType<typeof fakeFetch>;
  let devices: FakeDevices;
  let peers: ReturnType<typeof fakePeers>;
  let adapted: [number, AdaptationKind | null][];
  let held: boolean;
  let learner: Learner;

  const begin = async (permitted: readonly Modality[] = MODALITIES): Promise<void> => {
    http = fakeFetch(permitted);
    learner = new Learner({
      api: new Api("https://lesson.test/tutor-emotion/", "signed", "", "en", http.fetch),
      socketUrl: (path) => `wss://lesson.test${path}`,
      adapt: (adaptation, choice) => adapted.push([adaptation.id, choice]),
      held: () => held,
      socket: { create: server.create, random: () => 1 },
      peer: peers.create,
    });
    await learner.load();
  };
  const choose = (...modalities: Modality[]): void => {
    for (const modality of modalities) learner.choosing.tick(modality, true);
  };
  /** All the way to a running lesson with camera and microphone. */
  const goLive = async (): Promise<void> => {
    await begin();
    choose(...ALL);
    await learner.choosing.proceed(true);
    await learner.begin();
    server.accept();
    server.say(welcomeOf(ALL));
    await vi.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    devices = new FakeDevices();
    devices.install();
    peers = fakePeers();
    adapted = [];
    held = false;
  });
  afterEach(() => {
    learner.dispose();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("goes from choice to preview to a running lesson", async () => {
    await begin();
    choose("face", "voice", "interaction");
    await learner.choosing.proceed(true);
    expect(learner.state.phase).toBe("preview");
    expect(server.made).toBe(0);
    expect(devices.asked[0]).toMatchObject({
      video: { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 10 } },
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: false },
    });
    expect(learner.state.devices.map((device) => device.kind)).toEqual(["camera", "microphone"]);
    await learner.begin();
    server.accept();
    server.say(welcomeOf(["face", "voice", "interaction"]));
    await vi.advanceTimersByTimeAsync(0);
    expect(server.of("rtc_offer")).toEqual([
      { type: "rtc_offer", sdp: "offer", modalities: ["face", "voice"] },
    ]);
    expect(await learner.ready).toMatchObject({ session: SESSION_ID });
    expect(inUse(learner.state)).toEqual(["face", "voice", "interaction"]);
  });

  it("sends the offer before its candidates, and asks for little", async () => {
    await goLive();
    const signalling = server.sent.map((message) => message.type);
    expect(signalling.indexOf("rtc_offer")).toBeLessThan(signalling.indexOf("rtc_candidate"));
    const [, video] = peers.made[0]?.senders[0] ?? [];
    expect(video).toMatchObject({
      direction: "sendonly",
      sendEncodings: [{ maxBitrate: 150_000, maxFramerate: 10 }],
    });
  });

  it("says nothing of labelled moments where the course does not ask", async () => {
    await begin();
    choose("interaction");
    await learner.choosing.proceed(false);
    expect(http.asked.at(-2)?.body).not.toHaveProperty("calibration");
  });

  it("gives and takes back the consent to keep them with each choice", async () => {
    for (const agreed of [true, false]) {
      await begin();
      http.calibration.offered = true;
      await learner.load();
      if (agreed) learner.choosing.tickCalibration(true);
      await learner.choosing.proceed(false);
      expect(http.asked.at(-2)?.body).toMatchObject({ calibration: agreed });
      expect(learner.state.setup?.calibration.consented).toBe(agreed);
      learner.dispose();
    }
  });

  it("never asks for a device when it goes on without", async () => {
    await begin();
    choose("interaction", "face");
    await learner.choosing.proceed(false);
    server.accept();
    server.say(welcomeOf(["interaction"]));
    await vi.advanceTimersByTimeAsync(0);
    expect(devices.asked).toEqual([]);
    expect(peers.made).toEqual([]);
    expect(http.asked.at(-2)?.body.modalities).toMatchObject({ face: false, interaction: true });
  });

  it("never asks for a device that is not permitted", async () => {
    await begin(["interaction", "text", "self_report"]);
    choose("face", "voice", "interaction");
    await learner.choosing.proceed(true);
    expect(learner.state.nudge).toBe(true);
    await learner.choosing.proceed(false);
    expect(devices.asked).toEqual([]);
    expect(http.asked.at(-2)?.body.modalities).toMatchObject({ face: false, voice: false });
  });

  it("does not send a picture when the server's gate has closed meanwhile", async () => {
    await begin();
    choose("face", "interaction");
    await learner.choosing.proceed(true);
    await learner.begin();
    server.accept();
    server.say(welcomeOf(["interaction"]));
    await vi.advanceTimersByTimeAsync(0);
    expect(server.of("rtc_offer")).toEqual([]);
    expect(devices.tracks.every((track) => track.readyState === "ended")).toBe(true);
  });

  it("says in a word why a device was not given, and takes the consent back when going on", async () => {
    await begin();
    choose("face", "interaction");
    for (const [name, access] of [
      ["NotAllowedError", "denied"],
      ["NotFoundError", "no_device"],
      ["NotReadableError", "in_use"],
    ] as const) {
      devices.refuse = name;
      await learner.choosing.preview(["face"]);
      expect(learner.state.access).toBe(access);
    }
    await learner.choosing.beginWithout();
    expect(learner.state.phase).toBe("running");
    expect(http.asked.at(-2)?.body.modalities).toMatchObject({ face: false, interaction: true });
  });

  it("stops the tracks in one click, and uses nothing afterwards", async () => {
    await goLive();
    learner.stop();
    expect(devices.tracks.map((track) => track.readyState)).toEqual(["ended", "ended"]);
    expect(peers.made[0]?.closed).toBe(true);
    expect(server.of("media_stop")).toHaveLength(1);
    expect(inUse(learner.state)).toEqual([]);
    learner.report({ type: "idle", idle_s: 3 });
    expect(server.of("idle")).toEqual([]);
  });

  it("pauses: tracks are black, nothing is told, and the step is told again afterwards", async () => {
    await goLive();
    learner.report({ type: "step_shown", step: "a", skill: "b" });
    learner.pause(true);
    learner.report({ type: "hint_request", step: "a" });
    expect(devices.tracks.map((track) => track.enabled)).toEqual([false, false]);
    learner.pause(false);
    expect(devices.tracks.map((track) => track.enabled)).toEqual([true, true]);
    expect(server.of("media_pause").map((message) => message.paused)).toEqual([true, false]);
    expect(server.of("hint_request")).toEqual([]);
    expect(server.of("step_shown")).toHaveLength(2);
  });

  it("lets the camera go where its consent is taken back elsewhere during a pause", async () => {
    await goLive();
    const tracks = devices.tracks;
    learner.pause(true);
    const allowed: Modality[] = ["interaction", "voice"];
    server.say({ type: "status", media: "paused", in_use: ["interaction"], allowed, reason: "" });
    const state = Object.fromEntries(tracks.map((t) => [t.kind, t.readyState]));
    expect(state).toEqual({ video: "ended", audio: "live" });
  });

  it("comes back after a lost connection with a new peer, and tells what waited", async () => {
    await goLive();
    server.drop(1006);
    expect(peers.made[0]?.closed).toBe(true);
    learner.report({ type: "hint_request", step: "a" });
    expect(server.of("hint_request")).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    server.accept();
    server.say(welcomeOf(ALL, true));
    await vi.advanceTimersByTimeAsync(0);
    expect(peers.made).toHaveLength(2);
    expect(server.of("rtc_offer")).toHaveLength(2);
    expect(server.of("hint_request")).toHaveLength(1);
    expect(devices.asked).toHaveLength(1);
  });

  it("keeps what is told between the connection and its welcome", async () => {
    await begin();
    choose("interaction", "text");
    await learner.choosing.proceed(false);
    learner.report({ type: "step_shown", step: "a", skill: "b" });
    server.accept();
    learner.report({ type: "text", text: "help" });
    await vi.advanceTimersByTimeAsync(300);
    expect(server.of("text")).toEqual([]);
    server.say(welcomeOf(["interaction", "text"]));
    await vi.advanceTimersByTimeAsync(300);
    expect(server.of("text")).toMatchObject([{ text: "help" }]);
    expect(server.of("step_shown")).toHaveLength(1);
  });

  it("replaces a peer that failed, on the same socket", async () => {
    await goLive();
    server.say({ type: "rtc_answer", sdp: "v=0\r\nm=audio 9\r\n" });
    peers.made[0]?.become("connected");
    peers.made[0]?.become("failed");
    await vi.advanceTimersByTimeAsync(2000);
    expect(peers.made).toHaveLength(2);
    expect(server.made).toBe(1);
  });

  it("fetches new credentials for a relay when the old ones have aged", async () => {
    await goLive();
    server.say({ type: "rtc_answer", sdp: "v=0\r\nm=audio 9\r\n" });
    peers.made[0]?.become("connected");
    for (let n = 0; n < 31; n++) {
      server.say({ type: "pong", sent_s: 0, server_time_s: 0 });
      await vi.advanceTimersByTimeAsync(20_000);
    }
    expect(server.made).toBe(1);
    peers.made[0]?.become("failed");
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.made).toBe(2);
    expect(peers.made).toHaveLength(1);
    server.accept();
    server.say(welcomeOf(ALL, true));
    expect(peers.made).toHaveLength(2);
  });

  it.each([
    ["tells a server of this release", PROTOCOL_VERSION, [1], [["face", "voice"], ["voice"]]],
    ["leaves out what a server of the release before would refuse", 1, [], []],
  ])(
    "%s: numbers, and what is not sent on a narrow line",
    async (_, protocol, numbers, sending) => {
      await goLive();
      server.say({ ...welcomeOf(ALL), protocol });
      await vi.advanceTimersByTimeAsync(0);
      server.say({ type: "rtc_answer", sdp: "v=0\r\n" });
      const peer = peers.made.at(-1);
      peer?.become("connected");
      if (peer) peer.stats = [{ type: "remote-inbound-rtp", fractionLost: 0.5 }];
      learner.report({ type: "hint_request", step: "a" });
      await vi.advanceTimersByTimeAsync(20_000);
      expect(server.of("hint_request")).toHaveLength(1);
      expect(server.numbers).toEqual(numbers);
      expect(server.of("media_sending").map(({ sensors }) => sensors)).toEqual(sending);
    },
  );

  it("makes a new socket when an offer is never answered, and gives up in the end", async () => {
    await goLive();
    for (let n = 0; n < 20; n++) {
      await vi.advanceTimersByTimeAsync(15_000 + 20_000);
      if (server.sockets.at(-1)?.readyState === WebSocket.CONNECTING) {
        server.accept();
        server.say(welcomeOf(ALL, true));
      }
    }
    expect(peers.made).toHaveLength(6);
    expect(server.made).toBeGreaterThan(4);
    expect(devices.tracks.every((track) => track.readyState === "ended")).toBe(true);
    expect(server.of("media_stop")).toHaveLength(1);
  });

  it("does not come back by itself when another tab took over, until it is asked to", async () => {
    await goLive();
    server.drop(4409);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(server.made).toBe(1);
    expect(devices.tracks.every((track) => track.readyState === "ended")).toBe(true);
    learner.useHere();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.made).toBe(2);
    expect(server.shown.map(([, ticket]) => ticket)).toEqual(["first", "next"]);
  });

  it("turns a camera off whose consent is gone at the server", async () => {
    await goLive();
    http.asked.length = 0;
    await http.fetch("https://lesson.test/consents/", {
      body: JSON.stringify({ modalities: { voice: true, interaction: true } }),
    });
    const allowed: Modality[] = ["voice", "interaction"];
    server.say({ type: "status", media: "live", in_use: allowed, allowed, reason: "" });
    expect(devices.tracks.map((t) => [t.kind, t.readyState])).toEqual([["audio", "live"]]);
    await vi.advanceTimersByTimeAsync(0);
    expect(learner.state.setup?.rules.find((r) => r.modality === "face")?.consented).toBe(false);
  });

  it("notices a device that was unplugged", async () => {
    await goLive();
    devices.tracks[0]?.unplug();
    expect(learner.state.error).toBe("device_lost");
    expect(inUse(learner.state)).not.toContain("face");
    expect(inUse(learner.state)).toContain("voice");
  });

  it("moves to another server without a word, and calls it anew with its camera", async () => {
    await goLive();
    learner.report({ type: "step_shown", step: "s1", skill: "halves" });
    const seen: string[] = [];
    learner.store.listen((state) => seen.push(state.link));
    server.say({ type: "move" });
    await vi.advanceTimersByTimeAsync(50);
    learner.report({ type: "answer", step: "s1", skill: "halves", correct: false, took_s: 3 });
    expect(server.of("answer")).toHaveLength(0);
    server.accept();
    server.say(welcomeOf(ALL));
    await vi.advanceTimersByTimeAsync(0);
    expect(peers.made).toHaveLength(2);
    expect(peers.made[0]?.closed).toBe(true);
    expect(server.of("answer")).toHaveLength(1);
    expect(new Set(seen)).toEqual(new Set(["open"]));
  });

  it("gives each report a trace of its own where an operator follows, and none elsewhere", async () => {
    await goLive();
    learner.report({ type: "step_shown", step: "a", skill: "b" });
    expect(server.of("step_shown")[0]).not.toHaveProperty("traceparent");
    server.say({ ...welcomeOf(ALL, true), traced: true });
    learner.report({ type: "hint_request", step: "a" });
    learner.report({ type: "hint_request", step: "a" });
    const traces = server.of("hint_request").map((message) => message.traceparent);
    expect(new Set(traces).size).toBe(2);
    expect(traces[0]).toMatch(/^00-/);
  });

  describe("and an offer", () => {
    it("is taken once, and the lesson hears of it", async () => {
      await goLive();
      server.say(offerOf());
      learner.take("worked_step");
      learner.take("hint");
      expect(adapted).toEqual([[7, "worked_step"]]);
      expect(server.of("outcome")).toEqual([
        { type: "outcome", adaptation: 7, outcome: "taken", choice: "worked_step" },
      ]);
    });

    it("is waved away, or called wrong", async () => {
      await goLive();
      server.say(offerOf({ id: 1 }));
      learner.dismiss();
      server.say(offerOf({ id: 2 }));
      learner.wrong();
      expect(server.of("outcome").map((m) => m.outcome)).toEqual(["dismissed", "wrong"]);
      expect(adapted).toEqual([]);
    });

    it("expires unanswered, but not while the learner is on the card", async () => {
      await goLive();
      server.say({ type: "rtc_answer", sdp: "v=0\r\n" });
      peers.made[0]?.become("connected");
      server.say(offerOf());
      held = true;
      await vi.advanceTimersByTimeAsync(40_000);
      expect(learner.state.offer).not.toBeNull();
      held = false;
      await vi.advanceTimersByTimeAsync(2_000);
      expect(learner.state.offer).toBeNull();
      expect(server.of("outcome").map((m) => m.outcome)).toEqual(["ignored"]);
    });

    it("makes room for the next one", async () => {
      await goLive();
      server.say(offerOf({ id: 1 }));
      server.say(offerOf({ id: 2 }));
      expect(learner.state.offer?.id).toBe(2);
      expect(server.of("outcome")).toMatchObject([{ adaptation: 1, outcome: "ignored" }]);
    });

    it("that is quiet goes straight to the lesson", async () => {
      await goLive();
      server.say(offerOf({ mode: "quiet", kind: "slow_down" }));
      expect(adapted).toEqual([[7, null]]);
      expect(learner.state.offer).toBeNull();
    });

    it("that confirms an answer is told in one line for a moment", async () => {
      await goLive();
      server.say(offerOf({ mode: "quiet", kind: "slow_down", message: "quiet.slower" }));
      expect(learner.state.quiet).toBeNull();
      server.say(offerOf({ id: 8, mode: "quiet", kind: "confirm", message: "quiet.confirm" }));
      expect(learner.state.quiet?.id).toBe(8);
      expect(adapted.at(-1)).toEqual([8, null]);
      vi.advanceTimersByTime(8_000);
      expect(learner.state.quiet).toBeNull();
    });

    it("refuses a choice that it did not have", async () => {
      await goLive();
      server.say(offerOf());
      learner.take("break");
      expect(adapted).toEqual([]);
      expect(learner.state.offer).not.toBeNull();
    });
  });

  describe("and somebody to talk to", () => {
    const contact = (id: number) => ({ type: "contact", id, text: "Ms Lovelace" }) as const;

    it("is shown in place of an offer until it is put away, and not again after that", async () => {
      await goLive();
      server.say(offerOf());
      server.say(contact(4));
      expect(learner.state.offer).toBeNull();
      expect(learner.state.contact?.text).toBe("Ms Lovelace");
      await vi.advanceTimersByTimeAsync(600_000);
      server.accept(); // the silence was too long: it is another socket
      expect(learner.state.contact).not.toBeNull();
      learner.closeContact();
      server.say(contact(4)); // as after a lost connection
      expect(learner.state.contact).toBeNull();
      server.say(contact(9));
      expect(learner.state.contact?.id).toBe(9);
    });

    it("is shown while everything is paused, too", async () => {
      await goLive();
      learner.pause(true);
      server.say(contact(1));
      expect(learner.state.contact).not.toBeNull();
    });
  });

  it("settles `ready` and leaves the lesson alone when we cannot begin", async () => {
    await begin();
    http.fail = { code: "server_full", status: 503 };
    await learner.choosing.proceed(false);
    expect(learner.state.error).toBe("server_full");
    expect(learner.state.phase).toBe("choose");
    http.fail = null;
    await learner.choosing.proceed(false);
    expect(learner.state.phase).toBe("running");
  });

  it("cannot be begun twice by a double click", async () => {
    await begin();
    await Promise.all([learner.choosing.proceed(false), learner.choosing.proceed(false)]);
    expect(http.asked.filter(({ path }) => path.endsWith("/sessions/"))).toHaveLength(1);
  });
});
