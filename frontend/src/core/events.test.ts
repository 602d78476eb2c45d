import { describe, expect, it } from "vitest";
import type { EventMessage, Modality } from "../protocol";
import { faultOf, modalityOf, QUEUE_LIMIT, ReportQueue } from "./events";
import { Reports, type ReportsHandlers } from "./reports";

const answer: EventMessage = {
  type: "answer",
  step: "adding-1",
  skill: "adding",
  correct: false,
  took_s: 12.5,
};

describe("the shape of an event", () => {
  it("accepts each kind, with what may be left out left out", () => {
    const events: EventMessage[] = [
      answer,
      { ...answer, answer: "2/4", expected_p: null, hedged: true, revealed: false },
      { type: "step_shown", step: "a", skill: "b" },
      { type: "hint_request", step: "a", level: 2 },
      { type: "idle", idle_s: 30 },
      { type: "activity", busy: "playing" },
      { type: "visibility", hidden: true },
      { type: "text", text: "I don’t get it" },
      { type: "self_report", feeling: "stuck" },
      { type: "outcome", adaptation: 1, outcome: "taken", choice: "hint" },
    ];
    expect(events.map(faultOf)).toEqual(events.map(() => null));
  });

  it.each([
    ["nothing", null, "not an object"],
    ["an unknown type", { type: "face" }, "type: unknown"],
    ["a type of Object's own", { type: "constructor" }, "type: unknown"],
    ["a missing field", { type: "idle" }, "idle_s: missing"],
    ["an unknown field", { type: "idle", idle_s: 1, key: "a" }, "key: unknown"],
    ["not a number", { type: "idle", idle_s: Number.NaN }, "idle_s: must be a number"],
    ["below the range", { type: "idle", idle_s: -1 }, "idle_s: must be at least 0"],
    ["above the range", { type: "idle", idle_s: 1e9 }, "idle_s: must be at most 86400"],
    [
      "a part of a whole",
      { type: "hint_request", step: "a", level: 1.5 },
      "level: must be a whole number",
    ],
    [
      "an unknown word",
      { type: "activity", busy: "x" },
      "busy: must be one of typing, speaking, playing, none",
    ],
    ["an empty text", { type: "text", text: "" }, "text: too short"],
    ["a text too long", { type: "text", text: "x".repeat(2001) }, "text: too long"],
    ["null where it may not be", { ...answer, hedged: null }, "hedged: must not be null"],
    ["a word for yes", { ...answer, correct: "yes" }, "correct: must be true or false"],
  ])("refuses %s", (_, event, fault) => {
    expect(faultOf(event)).toBe(fault);
  });

  it("counts characters as the server does", () => {
    expect(faultOf({ type: "text", text: "😀".repeat(2000) })).toBeNull();
  });
});

describe("the queue", () => {
  it("keeps the newest hundred in order", () => {
    const queue = new ReportQueue();
    for (let n = 0; n < QUEUE_LIMIT + 5; n++) queue.push({ type: "idle", idle_s: n });
    const sent: EventMessage[] = [];
    expect(queue.flush((event) => sent.push(event) > 0)).toBe(true);
    expect(sent).toHaveLength(QUEUE_LIMIT);
    expect(sent[0]).toEqual({ type: "idle", idle_s: 5 });
  });
});

describe("reports", () => {
  const setting = { open: false, reading: true, sent: [] as EventMessage[] };
  let numbers: number[] = [];
  const handlers: ReportsHandlers = {
    open: () => setting.open,
    reading: () => setting.reading,
    allowed: () => ["interaction"],
    numbers: () => true,
    trySend: (message) => {
      if (message.type === "numbered") numbers.push(message.number);
      return setting.sent.push(message.type === "numbered" ? message.event : message) > 0;
    },
  };

  it("wait for a connection and then go in order, those of the moment excepted", () => {
    Object.assign(setting, { open: false, reading: true, sent: [] });
    const reports = new Reports(handlers);
    reports.report({ type: "step_shown", step: "a", skill: "b" });
    reports.report({ type: "visibility", hidden: true });
    reports.report(answer);
    expect(setting.sent).toEqual([]);
    setting.open = true;
    reports.flush();
    expect(setting.sent.map((event) => event.type)).toEqual(["step_shown", "answer"]);
  });

  it("leave out what was not consented to", () => {
    Object.assign(setting, { open: true, reading: true, sent: [] });
    const reports = new Reports(handlers);
    expect(reports.report({ type: "text", text: "hello" })).toBeNull();
    reports.report({ type: "outcome", adaptation: 1, outcome: "dismissed" });
    expect(setting.sent.map((event) => event.type)).toEqual(["outcome"]);
    expect(modalityOf({ type: "text", text: "hello" })).toBe("text");
  });

  it("say nothing while paused, and tell the step again afterwards", () => {
    Object.assign(setting, { open: true, reading: false, sent: [] });
    const reports = new Reports(handlers);
    reports.report({ type: "step_shown", step: "a", skill: "b" });
    reports.report(answer);
    expect(setting.sent).toEqual([]);
    setting.reading = true;
    reports.repeatStep();
    expect(setting.sent.map((event) => event.type)).toEqual(["step_shown"]);
  });

  it("go again over the next connection, under their first number, until they are kept", () => {
    Object.assign(setting, { open: true, reading: true, sent: [] });
    numbers = [];
    const reports = new Reports(handlers);
    for (const step of ["a", "b", "c"]) reports.report({ ...answer, step });
    reports.report({ type: "visibility", hidden: true });
    expect(numbers).toEqual([1, 2, 3]); // what is only true at the moment has none
    reports.kept(1);
    setting.sent = [];
    reports.sendAgain();
    reports.report({ ...answer, step: "d" });
    expect(setting.sent.map((event) => "step" in event && event.step)).toEqual(["b", "c", "d"]);
    expect(numbers).toEqual([1, 2, 3, 2, 3, 4]);
    reports.kept(4);
    setting.sent = [];
    reports.sendAgain();
    reports.flush();
    expect(setting.sent).toEqual([]);
  });

  it("go once and without a number to a server that knows none, and so do those on their way", () => {
    Object.assign(setting, { open: true, reading: true, sent: [] });
    numbers = [];
    let older = false;
    const reports = new Reports({ ...handlers, numbers: () => !older });
    reports.report({ ...answer, step: "a" });
    expect(numbers).toEqual([1]);
    older = true;
    setting.sent = [];
    reports.sendAgain();
    reports.report({ ...answer, step: "b" });
    reports.sendAgain();
    reports.flush();
    expect(setting.sent.map((event) => "step" in event && event.step)).toEqual(["a", "b"]);
    expect(numbers).toEqual([1]);
    older = false;
    reports.sendAgain();
    reports.report({ ...answer, step: "c" });
    expect(setting.sent.map((event) => "step" in event && event.step)).toEqual(["a", "b", "c"]);
    expect(numbers).toEqual([1, 2]);
  });

  it("do not go again where consent was taken back meanwhile", () => {
    Object.assign(setting, { open: true, reading: true, sent: [] });
    let allowed: Modality[] = ["interaction"];
    const reports = new Reports({ ...handlers, allowed: () => allowed });
    reports.report(answer);
    allowed = [];
    setting.sent = [];
    reports.sendAgain();
    reports.flush();
    expect(setting.sent).toEqual([]);
  });

  it("never throw into the lesson", () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("mine");
        },
      },
    );
    const reports = new Reports(handlers);
    for (const event of [undefined, 3, "answer", [], trap])
      expect(reports.report(event)).not.toBeNull();
  });

  it("do not change when the lesson changes its object afterwards", () => {
    Object.assign(setting, { open: false, reading: true, sent: [] });
    const reports = new Reports(handlers);
    const mine = { ...answer };
    reports.report(mine);
    mine.step = "other";
    setting.open = true;
    reports.flush();
    expect(setting.sent).toEqual([answer]);
  });
});
