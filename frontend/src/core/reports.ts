import type { EventMessage, Modality } from "../protocol";
import { faultOf, modalityOf, ReportQueue } from "./events";

const FLUSH_EVERY_MS = 250;
/** What is only true at the moment: worth nothing once the connection is back. */
const OF_THE_MOMENT: readonly EventMessage["type"][] = ["idle", "activity", "visibility"];

export interface ReportsHandlers {
  /** Whether a connection is there now, and has said what may go over it. */
  open(): boolean;
  /** Whether anything may be read at present; what the learner did with an offer always may. */
  reading(): boolean;
  allowed(): readonly Modality[];
  trySend(event: EventMessage): boolean;
}

/** From the lesson to the server, in order; waits for a connection, and never throws. */
export class Reports {
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

  flush(): void {
    clearTimeout(this.timer);
    if (!this.handlers.open()) return;
    const done = this.queue.flush((event) => !this.mayGo(event) || this.handlers.trySend(event));
    if (!done) this.timer = setTimeout(() => this.flush(), FLUSH_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.queue.clear();
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
