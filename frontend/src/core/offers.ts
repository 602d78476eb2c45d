import type { AdaptationKind, AdaptationMessage, OutcomeMessage } from "../protocol";
import type { Note } from "./state";

/** While the learner is busy with the card, it does not vanish under their hands. */
const LOOK_AGAIN_MS = 2_000;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A change of pace is not told; an answer that is confirmed is. */
const WORTH_A_LINE: readonly AdaptationKind[] = ["confirm"];

export interface OffersHandlers {
  show(offer: AdaptationMessage): void;
  /** Something was done without asking, and is worth a line. */
  say(quiet: AdaptationMessage): void;
  /** The offer is gone from the screen. */
  hide(note: Note | null): void;
  outcome(message: OutcomeMessage): void;
  /** For the lesson: `choice` was taken, or (null) the pace changes quietly. */
  adapt(adaptation: AdaptationMessage, choice: AdaptationKind | null): void;
  /** Whether the learner's pointer or focus is on the card. */
  held(): boolean;
}

/** One offer at a time; each ends in exactly one outcome. */
export class Offers {
  private open: AdaptationMessage | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly handlers: OffersHandlers) {}

  arrived(adaptation: AdaptationMessage): void {
    if (adaptation.mode === "quiet") {
      this.handlers.adapt(adaptation, null);
      if (WORTH_A_LINE.includes(adaptation.kind)) this.handlers.say(adaptation);
      return;
    }
    this.ignore();
    this.open = adaptation;
    this.handlers.show(adaptation);
    this.wait(adaptation.expires_in_s * 1000);
  }

  take(choice: AdaptationKind): void {
    const offer = this.open;
    if (!offer?.choices.includes(choice)) return;
    this.end("taken", "taken", choice);
    this.handlers.adapt(offer, choice);
  }

  dismiss(): void {
    this.end("dismissed", "fine");
  }

  wrong(): void {
    this.end("wrong", "wrong");
  }

  /** Nobody answered, or nobody can any more. */
  ignore(): void {
    this.end("ignored", null);
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => this.expire(), Math.min(ms, LONGEST_TIMEOUT_MS));
  }

  private expire(): void {
    if (this.handlers.held()) this.wait(LOOK_AGAIN_MS);
    else this.ignore();
  }

  private end(
    outcome: OutcomeMessage["outcome"],
    note: Note | null,
    choice: AdaptationKind | null = null,
  ): void {
    const offer = this.open;
    clearTimeout(this.timer);
    if (!offer) return;
    this.open = null;
    this.handlers.hide(note);
    this.handlers.outcome({ type: "outcome", adaptation: offer.id, outcome, choice });
  }
}
