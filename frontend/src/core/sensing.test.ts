import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FromLearner } from "../protocol";
import { FakeDevices, type FakePeer, fakePeers } from "../test/media";
import type { Sensor } from "./media";
import { Sensing } from "./sensing";

const ANSWER = { type: "rtc_answer", sdp: "v=0\r\n" } as const;
const NARROW = [{ type: "remote-inbound-rtp", fractionLost: 0.5 }];

describe("camera and microphone on a network that changes", () => {
  let devices: FakeDevices;
  let peers: ReturnType<typeof fakePeers>;
  let sensing: Sensing;
  let sent: FromLearner[];
  let told: string[];

  /** A peer that is connected, as long as it takes to be trusted. */
  const connected = async (...wanted: Sensor[]): Promise<FakePeer> => {
    await sensing.open(wanted, { camera: "", microphone: "" });
    sensing.connect([], 600);
    await settle();
    return answered();
  };
  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const answered = (): FakePeer => {
    const peer = peers.made.at(-1);
    if (!peer) throw new Error("no peer was made");
    sensing.answer(ANSWER);
    peer.become("connected");
    return peer;
  };
  const sending = (): readonly string[][] =>
    sent.flatMap((m) => (m.type === "media_sending" ? [[...m.sensors]] : []));
  const active = (peer: FakePeer): (boolean | undefined)[] =>
    peer.senders.map(([, init]) => init.sendEncodings?.[0]?.active);

  beforeEach(() => {
    vi.useFakeTimers();
    devices = new FakeDevices();
    devices.install();
    peers = fakePeers();
    sent = [];
    told = [];
    sensing = new Sensing(
      {
        send: (message) => sent.push(message),
        restartSocket: () => told.push("restart"),
        doubtSocket: () => told.push("doubt"),
        step: (step) => told.push(step),
        gone: (code) => told.push(code),
      },
      peers.create,
    );
  });
  afterEach(() => {
    sensing.release();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("keeps a peer that hears the server, whatever events the browser has", async () => {
    await connected("face", "voice");
    for (let n = 0; n < 30; n++) {
      sensing.check();
      await settle(4_000);
    }
    expect(peers.made).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it("replaces a peer that hears nothing any more within nine seconds, and doubts the socket", async () => {
    const first = await connected("face", "voice");
    await settle(20_000);
    first.silent = true;
    await settle(9_000);
    expect(first.closed).toBe(true);
    expect(peers.made).toHaveLength(2);
    expect(told).toEqual(["doubt"]);
    expect(sent.filter((m) => m.type === "rtc_offer")).toHaveLength(2);
  });

  it("waits by chance before it offers again: a server may be silent for a whole class", async () => {
    const chance = vi.spyOn(Math, "random").mockReturnValue(0.99);
    const first = await connected("face");
    await settle(20_000);
    first.silent = true;
    while (!first.closed) await settle(100);
    await settle(900);
    expect(peers.made).toHaveLength(1);
    await settle(100);
    expect(peers.made).toHaveLength(2);
    chance.mockRestore();
  });

  it("goes on trying for a minute where each peer is refused at once, and then lets the camera go", async () => {
    const first = await connected("face");
    await settle(20_000);
    first.become("failed");
    const refuse = async (forMs: number): Promise<void> => {
      for (let ms = 0; ms < forMs; ms += 500) {
        sensing.answer(ANSWER); // the server is there, and no path to it
        peers.made.at(-1)?.become("failed");
        await settle(500);
      }
    };
    await refuse(45_000);
    expect(told).not.toContain("media_failed");
    expect(peers.made.length).toBeGreaterThan(8);
    await refuse(30_000);
    expect(told).toContain("media_failed");
    expect(sensing.stream).toBeNull();
  });

  it("does so in three where it is told that the network is another one", async () => {
    const first = await connected("face");
    await settle(20_000);
    first.silent = true;
    await settle(500);
    sensing.check();
    await settle(3_000);
    expect(peers.made).toHaveLength(2);
  });

  it("and in one where the browser knows that the path is gone", async () => {
    const first = await connected("face");
    await settle(20_000);
    first.become("disconnected");
    sensing.check();
    await settle(1_000);
    expect(peers.made).toHaveLength(2);
  });

  it("gives a path that is gone a moment to come back", async () => {
    const first = await connected("face");
    await settle(20_000);
    first.become("disconnected");
    await settle(1_000);
    first.become("connected");
    await settle(10_000);
    expect(peers.made).toHaveLength(1);
  });

  it("waits longer and longer where new peers are lost as well: no storm", async () => {
    await connected("face");
    for (let n = 0; n < 3; n++) {
      const peer = peers.made.at(-1);
      if (peer) peer.silent = true;
      await settle(8_000);
      await settle(2_000);
      answered();
    }
    expect(peers.made.length).toBeLessThanOrEqual(5);
  });

  it("asks for a new socket soon where nobody answers an offer", async () => {
    await sensing.open(["face"], { camera: "", microphone: "" });
    sensing.connect([], 600);
    await settle(5_100);
    expect(told).toEqual(["restart"]);
  });

  // --- a narrow line --------------------------------------------------------------------------

  it("sends less on a narrow line, and tells the server what is not missing", async () => {
    const peer = await connected("face", "voice");
    peer.stats = NARROW;
    await settle(10_000);
    expect(told).toEqual(["reduced"]);
    expect(peer.senders[0]?.[1].sendEncodings?.[0]).toMatchObject({ maxFramerate: 5 });
    await settle(8_000);
    expect(told).toEqual(["reduced", "sound"]);
    expect(active(peer)).toEqual([false, true]);
    expect(sending().at(-1)).toEqual(["voice"]);
    expect(devices.tracks.every((track) => track.readyState === "live")).toBe(true);
  });

  it("lets go of the devices where even sound is too much, and does not take them back", async () => {
    const peer = await connected("face", "voice");
    peer.stats = NARROW;
    await settle(40_000);
    expect(told.at(-1)).toBe("too_slow");
    expect(devices.tracks.every((track) => track.readyState === "ended")).toBe(true);
    expect(peer.closed).toBe(true);
    await settle(600_000);
    expect(peers.made).toHaveLength(1);
    expect(devices.asked).toHaveLength(1);
  });

  it("sends the picture again once the line is good", async () => {
    const peer = await connected("face", "voice");
    peer.stats = NARROW;
    await settle(18_000);
    peer.stats = [];
    await settle(80_000);
    expect(told).toEqual(["reduced", "sound", "reduced", "full"]);
    expect(active(peer)).toEqual([true, true]);
    expect(sending().at(-1)).toEqual(["face", "voice"]);
  });

  it("begins a new peer where the old one was", async () => {
    const first = await connected("face", "voice");
    first.stats = NARROW;
    await settle(18_000);
    sensing.connect([], 600);
    await settle();
    const second = answered();
    expect(active(second)).toEqual([false, true]);
    expect(sending().at(-1)).toEqual(["voice"]);
  });

  it("begins anew with what the learner agrees to anew", async () => {
    const first = await connected("face", "voice");
    first.stats = NARROW;
    await settle(40_000);
    const again = await connected("face");
    expect(active(again)).toEqual([true]);
  });
});
