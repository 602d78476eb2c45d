import type { EventMessage, Modality, Numbered } from "../protocol";
import { faultOf, modalityOf, QUEUE_LIMIT, ReportQueue } from "./events";

const FLUSH_EVERY_MS = 250;
/** What is only true at the moment: worth nothing once the connection is back. */
const OF_THE_MOMENT: readonly EventMessage["type"][] = ["idle", "activity", "visibility"];

export interface ReportsHandlers {
  /** Whether a connection is there now, and has said what may go over it. */
  open(): boolean;
  /** Whether anything may be read at present; what the learner did with an offer always may. */
  reading(): boolean;
  allowed(): readonly Modality[];
  /** Whether the server knows events by number: one of an older release refuses such. */
  numbers(): boolean;
  trySend(event: EventMessage | Numbered): boolean;
}

/**
 * From the lesson to the server, in order; waits for a connection, and never throws. What the
 * server has not yet said to be `kept` is sent again over the next connection, under its first
 * number, and is heard once. Where the server knows no numbers an event is sent once, as it is.
 */
export class Reports {
  private number = 0;
  private sent: Numbered[] = [];
  private again: Numbered[] = [];
  private readonly queue = new ReportQueue();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private step: EventMessage | null = null;

  constructor(private readonly handlers: ReportsHandlers) {}

  /** Null if it was accepted, otherwise what is wrong with it. */
  report(event: unknown): string | null {
    try {
      const fault = faultOf(event);
      if (fault === null) this.accept({ ...(event as EventMessage) });
      return fault;
    } catch {
      return "not an object"; // a getter or proxy of the host's that throws
    }
  }

  /** The step that is on the screen, again: after a pause, or for a server that forgot. */
  repeatStep(): void {
    const { step } = this;
    if (step && this.handlers.reading() && !this.queue.has(step)) this.queue.push(step);
    this.flush();
  }

  /** The server has written down all up to this one. */
  kept(number: number): void {
    this.sent = this.sent.filter((message) => message.number > number);
    this.again = this.again.filter((message) => message.number > number);
  }

  /** A new connection: what went into the old one may have been lost with it. */
  sendAgain(): void {
    this.again = [...this.sent];
  }

  flush(): void {
    clearTimeout(this.timer);
    if (!this.handlers.open()) return;
    const done =
      this.flushAgain() && this.queue.flush((event) => !this.mayGo(event) || this.send(event));
    if (!done) this.timer = setTimeout(() => this.flush(), FLUSH_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.queue.clear();
    this.sent = this.again = [];
  }

  private flushAgain(): boolean {
    for (let next = this.again[0]; next; next = this.again[0]) {
      const numbers = this.handlers.numbers();
      const may = this.mayGo(next.event);
      if (may && !this.handlers.trySend(numbers ? next : next.event)) return false;
      if (numbers) this.again.shift();
      else this.kept(next.number);
    }
    return true;
  }

  private send(event: EventMessage): boolean {
    if (OF_THE_MOMENT.includes(event.type) || !this.handlers.numbers())
      return this.handlers.trySend(event);
    const message: Numbered = { type: "numbered", number: this.number + 1, event };
    if (!this.handlers.trySend(message)) return false;
    this.number += 1;
    this.sent = [...this.sent, message].slice(-QUEUE_LIMIT);
    return true;
  }

  private accept(event: EventMessage): void {
    if (event.type === "step_shown") this.step = event;
    if (event.type !== "outcome" && !this.handlers.reading()) return;
    if (OF_THE_MOMENT.includes(event.type) && !this.handlers.open()) return;
    this.queue.push(event);
    this.flush();
  }

  private mayGo(event: EventMessage): boolean {
    const modality = modalityOf(event);
    return modality === null || this.handlers.allowed().includes(modality);
  }
}
