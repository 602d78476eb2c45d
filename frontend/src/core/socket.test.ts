import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FromLearner, ToLearner } from "../protocol";
import { FakeServer, welcomeOf } from "../test/server";
import { ApiError } from "./api";
import { backoffMs } from "./backoff";
import { type Link, Socket, socketUrl } from "./socket";

describe("backoff", () => {
  it("doubles from half a second to eight seconds, and half of it is chance", () => {
    expect([0, 1, 2, 9, 99].map((n) => backoffMs(n, () => 1))).toEqual([
      500, 1000, 2000, 8_000, 8_000,
    ]);
    expect(backoffMs(2, () => 0)).toBe(1000);
  });
});

describe("the socket", () => {
  let server: FakeServer;
  let links: [Link, number | null][];
  let heard: ToLearner[];
  let socket: Socket<ToLearner, FromLearner>;
  let tickets: (() => string | Promise<string>)[];

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    links = [];
    heard = [];
    tickets = [() => "one"];
    socket = new Socket<ToLearner, FromLearner>(
      "wss://lesson.test/ws/",
      () => tickets.shift()?.() ?? "another",
      { message: (message) => heard.push(message), link: (...at) => links.push(at) },
      { create: server.create, random: () => 1 },
    );
    socket.open();
  });
  afterEach(() => {
    socket.close();
    vi.useRealTimers();
  });

  it("opens, and hands over what it hears", () => {
    server.accept();
    server.say({ type: "error", code: "x", message: "", hint: "", retry: false, fatal: false });
    expect(links.map(([link]) => link)).toEqual(["connecting", "open"]);
    expect(heard).toHaveLength(1);
  });

  it("shows a ticket, and another one each time", async () => {
    expect(server.shown).toEqual([["tutor-emotion", "one"]]);
    tickets = [() => Promise.resolve("two")];
    server.drop(1008);
    await vi.advanceTimersByTimeAsync(500);
    expect(server.shown.at(-1)).toEqual(["tutor-emotion", "two"]);
  });

  it("waits and asks again where no ticket is to be had just now", async () => {
    tickets = [
      () => Promise.reject(new ApiError("network", true)),
      () => Promise.reject(new Error("odd")),
    ];
    server.drop(1006);
    await vi.advanceTimersByTimeAsync(500 + 1000);
    expect(links.at(-1)).toEqual(["waiting", null]);
    expect(server.made).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.made).toBe(2);
  });

  it.each([
    ["not_signed_in", 4401],
    ["unknown_session", 4404],
    ["not_your_course", 4403],
  ])("ends where the server gives none: %s", async (code, closed) => {
    tickets = [() => Promise.reject(new ApiError(code, false))];
    server.drop(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(links.at(-1)).toEqual(["closed", closed]);
    expect(server.made).toBe(1);
  });

  it("lets a ticket be that comes when it is not wanted any more", async () => {
    let come: (ticket: string) => void = () => undefined;
    tickets = [
      () =>
        new Promise((resolve) => {
          come = resolve;
        }),
    ];
    socket.restart();
    await vi.advanceTimersByTimeAsync(500);
    socket.close();
    come("late");
    await vi.advanceTimersByTimeAsync(0);
    expect(server.made).toBe(1);
  });

  it("comes back by itself, waiting longer each time", () => {
    const gaps: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = Date.now();
      server.drop(1006);
      const made = server.made;
      while (server.made === made) vi.advanceTimersByTime(100);
      gaps.push(Date.now() - before);
    }
    expect(gaps).toEqual([500, 1000, 2000, 4000]);
  });

  it("begins anew with short waits once a connection has held", () => {
    server.drop(1006);
    vi.advanceTimersByTime(500);
    server.drop(1006);
    vi.advanceTimersByTime(1000);
    server.accept();
    vi.advanceTimersByTime(6000);
    server.drop(1006);
    vi.advanceTimersByTime(500);
    expect(server.made).toBe(4);
  });

  it("does not come back after a close code of the server's own", () => {
    server.accept();
    server.drop(4409);
    vi.advanceTimersByTime(600_000);
    expect(server.made).toBe(1);
    expect(links.at(-1)).toEqual(["closed", 4409]);
    socket.open();
    expect(server.made).toBe(2);
  });

  it("waits no longer when the network is back", () => {
    server.drop(1006);
    socket.hurry();
    expect(server.made).toBe(2);
    server.accept();
    socket.hurry();
    expect(server.made).toBe(2);
  });

  it("gives up a connection that has gone silent, within twelve seconds", () => {
    server.accept();
    server.raw('{"type":"window"}');
    server.deaf = true;
    vi.advanceTimersByTime(8_000);
    expect(server.of("ping")).toHaveLength(1);
    expect(links.some(([link]) => link === "waiting")).toBe(false);
    vi.advanceTimersByTime(4_000);
    expect(links.some(([link]) => link === "waiting")).toBe(true);
  });

  it("asks only where nothing came by itself, and trusts what answers", () => {
    server.accept();
    for (let second = 0; second < 60; second++) {
      server.raw('{"type":"window"}');
      vi.advanceTimersByTime(1_000);
    }
    expect(server.of("ping")).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(server.of("ping").length).toBeGreaterThan(3);
    expect(server.made).toBe(1);
  });

  it("does not go by the clock: it may jump, and a hidden page's timers are slow", () => {
    server.accept();
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(30_000);
    vi.setSystemTime(Date.now() + 7_200_000);
    vi.advanceTimersByTime(30_000);
    expect(server.made).toBe(1);
  });

  it("makes a new connection soon where the network changed and the old one is dead", () => {
    server.accept();
    server.deaf = true;
    socket.hurry();
    socket.hurry();
    expect(server.of("ping")).toHaveLength(1);
    vi.advanceTimersByTime(2_500);
    expect(server.made).toBe(2);
    server.deaf = false;
    server.accept();
    socket.hurry();
    vi.advanceTimersByTime(10_000);
    expect(server.made).toBe(2);
  });

  it("does not hurry back where the media alone fell silent: so it did for the whole class", () => {
    server.accept();
    vi.advanceTimersByTime(6_000);
    server.deaf = true;
    socket.doubt();
    socket.doubt();
    vi.advanceTimersByTime(2_500);
    expect(links.at(-1)).toEqual(["waiting", null]);
    vi.advanceTimersByTime(499);
    expect(server.made).toBe(1);
    vi.advanceTimersByTime(1);
    expect(server.made).toBe(2);
  });

  it("trusts the connection where it answers such a doubt", () => {
    server.accept();
    socket.doubt();
    vi.advanceTimersByTime(60_000);
    expect(server.made).toBe(1);
  });

  it("waits longer each time where it is let in and hears nothing", () => {
    server.deaf = true;
    const gaps: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      server.accept();
      while (links.at(-1)?.[0] !== "waiting") vi.advanceTimersByTime(100);
      const before = Date.now();
      while (links.at(-1)?.[0] !== "connecting") vi.advanceTimersByTime(100);
      gaps.push(Date.now() - before);
    }
    expect(gaps).toEqual([500, 1000, 2000]);
  });

  it("stays under the rate limit, and keeps a reserve for signalling", () => {
    server.accept();
    const idle: FromLearner = { type: "idle", idle_s: 1 };
    const sent = Array.from({ length: 100 }, () => socket.trySend(idle)).filter(Boolean);
    expect(sent.length).toBeLessThanOrEqual(30);
    expect(socket.send({ type: "media_stop" })).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(socket.trySend(idle)).toBe(true);
  });

  it("says no instead of throwing when there is no connection", () => {
    expect(socket.send({ type: "media_stop" })).toBe(false);
    server.accept();
    socket.close();
    expect(socket.trySend({ type: "media_stop" })).toBe(false);
  });

  it("passes over what is no message", () => {
    server.accept();
    for (const raw of ["", "{", "null", "[]", '{"a":1}', '{"type":3}']) server.raw(raw);
    expect(heard).toEqual([]);
  });
});

const welcome = welcomeOf(["interaction"]);
const replaced: ToLearner = {
  type: "error",
  code: "session_replaced",
  message: "",
  hint: "",
  retry: false,
  fatal: true,
};

describe("a socket that is overtaken by its own late attempt", () => {
  let server: FakeServer;
  let links: [Link, number | null][];
  let heard: ToLearner[];
  let socket: Socket<ToLearner, FromLearner>;

  /** Let in, and not a word for so long that it is given up. */
  const givenUp = (): void => {
    server.accept();
    vi.advanceTimersByTime(8_000);
    expect(links.at(-1)).toEqual(["waiting", null]);
    vi.advanceTimersByTime(8_000);
  };
  const answered = (): void => {
    server.accept();
    server.say(welcome);
  };
  const takenFrom = (): void => {
    server.say(replaced);
    server.drop(4409);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    server.deaf = true;
    links = [];
    heard = [];
    socket = new Socket<ToLearner, FromLearner>(
      "wss://lesson.test/ws/",
      () => "ticket",
      { message: (message) => heard.push(message), link: (...at) => links.push(at) },
      { create: server.create, random: () => 1 },
    );
    socket.open();
  });
  afterEach(() => {
    socket.close();
    vi.useRealTimers();
  });

  it("takes the session back, and says nothing of another tab", () => {
    givenUp();
    answered();
    takenFrom();
    expect(links.at(-1)).toEqual(["waiting", null]);
    vi.advanceTimersByTime(2_000);
    answered();
    expect(links.at(-1)).toEqual(["open", null]);
    expect(heard).toEqual([welcome, welcome]);
  });

  it("does so once: two tabs would go on for ever", () => {
    givenUp();
    answered();
    takenFrom();
    vi.advanceTimersByTime(2_000);
    answered();
    takenFrom();
    expect(links.at(-1)).toEqual(["closed", 4409]);
    expect(heard.at(-1)).toEqual(replaced);
  });

  it("does so once even if the server is slow again meanwhile", () => {
    givenUp();
    answered();
    takenFrom();
    vi.advanceTimersByTime(2_000);
    givenUp();
    answered();
    takenFrom();
    expect(links.at(-1)).toEqual(["closed", 4409]);
  });

  it("believes in another tab a minute later, or where the server had answered or closed", () => {
    givenUp();
    answered();
    server.deaf = false;
    vi.advanceTimersByTime(60_000);
    takenFrom();
    expect(links.at(-1)).toEqual(["closed", 4409]);
    socket.open();
    server.accept();
    server.drop(4409); // a code is an answer too
    socket.open();
    answered();
    takenFrom();
    expect(links.at(-1)).toEqual(["closed", 4409]);
  });

  it("and where the attempt before never reached the server", () => {
    server.drop(1006);
    vi.advanceTimersByTime(500);
    answered();
    takenFrom();
    expect(links.at(-1)).toEqual(["closed", 4409]);
  });
});

describe("a socket whose server is about to end", () => {
  const idle: FromLearner = { type: "idle", idle_s: 1 };
  let server: FakeServer;
  let links: [Link, number | null][];
  let heard: ToLearner[];
  let socket: Socket<ToLearner, FromLearner>;
  let shown: number;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new FakeServer();
    links = [];
    heard = [];
    shown = 0;
    socket = new Socket<ToLearner, FromLearner>(
      "wss://lesson.test/ws/",
      () => {
        shown += 1;
        return shown === 1 ? "first" : Promise.resolve(`ticket ${shown}`);
      },
      { message: (message) => heard.push(message), link: (...at) => links.push(at) },
      { create: server.create, random: () => 1 },
    );
    socket.open();
    server.accept();
    server.say(welcome);
    links.length = heard.length = 0;
    server.say({ type: "move" });
    await vi.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    socket.close();
    vi.useRealTimers();
  });

  it("opens the next one beside it, and changes over when that one speaks", () => {
    expect(server.shown.at(-1)).toEqual(["tutor-emotion", "ticket 2"]);
    server.accept();
    server.sayOn(0, { type: "pong", sent_s: 0, server_time_s: 0 });
    server.say(welcome);
    expect(heard).toEqual([welcome]);
    expect(links).toEqual([]);
    expect(server.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
    expect(socket.send(idle)).toBe(true);
  });

  it("does not mind that the old server says that it was replaced", () => {
    server.accept();
    server.sayOn(0, replaced);
    server.dropOn(0, 4409);
    expect(socket.send(idle)).toBe(false);
    server.say(welcome);
    expect([links, heard]).toEqual([[], [welcome]]);
    expect(socket.send(idle)).toBe(true);
  });

  it("holds reports back while the session changes hands", () => {
    expect(socket.trySend(idle)).toBe(false);
    server.accept();
    expect(socket.trySend(idle)).toBe(false);
    server.say(welcome);
    expect(socket.trySend(idle)).toBe(true);
  });

  it("is sent to the ending server again, which says no, and stays until another says yes", async () => {
    server.accept();
    server.say({ ...replaced, code: "draining", retry: true, fatal: false });
    server.drop(1013);
    expect(socket.trySend(idle)).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(server.made).toBe(3);
    server.accept();
    server.say(welcome);
    expect([links, heard]).toEqual([[], [welcome]]);
  });

  it("gives up a next one that says nothing, and tries again", async () => {
    await vi.advanceTimersByTimeAsync(10_000 + 500);
    expect(server.made).toBe(3);
    expect(links).toEqual([]);
  });

  it("takes the session back from a next one that it gave up and that entered late", async () => {
    server.accept();
    await vi.advanceTimersByTimeAsync(10_000);
    server.sayOn(0, replaced);
    server.dropOn(0, 4409);
    expect([links, heard]).toEqual([[["waiting", null]], []]);
    await vi.advanceTimersByTimeAsync(500);
    server.accept();
    server.say(welcome);
    server.drop(4409);
    expect(links.at(-1)).toEqual(["closed", 4409]);
  });

  it("believes in another tab where no next one was given up", async () => {
    server.say({ ...replaced, code: "draining", retry: true, fatal: false });
    server.drop(1013);
    server.dropOn(0, 4409);
    expect(links).toEqual([["closed", 4409]]);
  });

  it("comes back as ever where the old one ends before there is a next", async () => {
    server.dropOn(0, 1012);
    expect(links).toEqual([]);
    server.drop(1006);
    expect(links).toEqual([["waiting", null]]);
    await vi.advanceTimersByTimeAsync(500);
    server.accept();
    expect(links.at(-1)).toEqual(["open", null]);
  });

  it("lets the next one go when the learner leaves", async () => {
    socket.close();
    expect(server.sockets.map((each) => each.readyState)).toEqual([3, 3]);
    server.say(welcome);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([heard, server.made]).toEqual([[], 2]);
  });

  it("is asked twice and moves once", async () => {
    server.sayOn(0, { type: "move" });
    await vi.advanceTimersByTimeAsync(0);
    expect(server.made).toBe(2);
  });
});

describe("the address", () => {
  it("is secure where the page is, on the host of the base", () => {
    expect(socketUrl("/ws/a/", "https://a.test/tutor-emotion/")).toBe("wss://a.test/ws/a/");
    expect(socketUrl("/ws/a/", "http://a.test:8000/")).toBe("ws://a.test:8000/ws/a/");
  });
});
