import { expect, it } from "vitest";
import type { EventMessage, Numbered } from "../protocol";
import { traced } from "./trace";

const W3C = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;
const idle: EventMessage = { type: "idle", idle_s: 3 };
const numbered: Numbered = { type: "numbered", number: 1, event: idle };

it("is another one each time, as W3C has it", () => {
  const made = Array.from({ length: 50 }, () => (traced(idle) as EventMessage).traceparent);
  for (const one of made) expect(one).toMatch(W3C);
  expect(new Set(made).size).toBe(50);
});

it("stands at the event, whatever number that goes by, and changes nothing else", () => {
  const { event, ...rest } = traced(numbered) as Numbered;
  expect(event.traceparent).toMatch(W3C);
  expect({ ...rest, event: { ...event, traceparent: undefined } }).toEqual(numbered);
});
