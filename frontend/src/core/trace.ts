import type { EventMessage, Numbered } from "../protocol";

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

/** A new trace for one event (W3C Trace Context): random, and of nobody. */
const newTraceparent = (): string => `00-${hex(16)}-${hex(8)}-01`;

/** The same report, with a trace of its own. */
export function traced(report: EventMessage | Numbered): EventMessage | Numbered {
  return report.type === "numbered"
    ? { ...report, event: { ...report.event, traceparent: newTraceparent() } }
    : { ...report, traceparent: newTraceparent() };
}
