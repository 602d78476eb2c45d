import type { AdaptationMessage } from "../protocol";
import type { Action } from "./reduce";
import type { LearnerState, Note } from "./state";

const NOTE_MS = 4_000;
const ERROR_MS = 8_000;
const QUIET_MS = 8_000;

/** Lines that stand for a moment and then go by themselves; a newer one of its kind replaces it. */
export class Remarks {
  private readonly timers = new Map<Action["do"], ReturnType<typeof setTimeout>>();

  /** Whether the learner has heard that less is sent. Once is enough. */
  private toldLighter = false;

  constructor(private readonly act: (action: Action) => void) {}

  note(note: Note | null): void {
    this.brief({ do: "note", note }, { do: "note", note: null }, NOTE_MS);
  }

  /** Less is sent than was agreed to. An offer stands before it; then it is told the next time. */
  lighter(state: LearnerState): void {
    if (this.toldLighter || state.offer) return;
    this.toldLighter = true;
    this.brief({ do: "note", note: "lighter" }, { do: "note", note: null }, QUIET_MS);
  }

  /** The offer is answered, and with what. */
  answered(note: Note | null): void {
    this.brief({ do: "answered", note }, { do: "note", note: null }, NOTE_MS);
  }

  quiet(quiet: AdaptationMessage): void {
    this.brief({ do: "quiet", quiet }, { do: "quiet", quiet: null }, QUIET_MS);
  }

  complain(code: string): void {
    this.brief({ do: "error", code }, { do: "error", code: null }, ERROR_MS);
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private brief(show: Action, end: Action, ms: number): void {
    this.act(show);
    clearTimeout(this.timers.get(end.do));
    this.timers.set(
      end.do,
      setTimeout(() => this.act(end), ms),
    );
  }
}
