import type { AdaptationKind, EventMessage } from "../protocol";
import type { Adaptation } from "./content";

type Reporting = Element & {
  report?: (event: EventMessage) => unknown;
  pause?: (paused: boolean) => unknown;
};

/**
 * The one door to the plugin, by its public interface alone. Where the element is missing, blocked
 * or broken, every call does nothing.
 */
export class Tutor {
  private inUse: readonly unknown[] = [];

  constructor(private readonly page: Document | Element = document) {}

  private get element(): Reporting | null {
    return this.page.querySelector("tutor-emotion");
  }

  /** Whether the learner lets written messages be read, and somebody takes them. */
  get hearsText(): boolean {
    return this.inUse.includes("text") && typeof this.element?.report === "function";
  }

  report(event: EventMessage): void {
    try {
      this.element?.report?.(event);
    } catch {
      // the lesson goes on without it
    }
  }

  /** During a break nothing is read, and nothing is offered. */
  pause(paused: boolean): void {
    try {
      this.element?.pause?.(paused);
    } catch {
      // the break is one without it
    }
  }

  onAdaptation(take: (adaptation: Adaptation, choice: AdaptationKind | null) => void): void {
    const heard = (event: Event): void => {
      const detail: unknown = (event as CustomEvent).detail;
      if (isDetail(detail)) take(detail.adaptation, detail.choice ?? null);
    };
    this.page.addEventListener("tutor-emotion-adaptation", heard, { capture: true });
  }

  /** Calls back when what is in use has changed. */
  onStatus(changed: () => void): void {
    const heard = (event: Event): void => {
      const inUse: unknown = (event as CustomEvent<{ in_use?: unknown } | null>).detail?.in_use;
      this.inUse = Array.isArray(inUse) ? inUse : [];
      changed();
    };
    this.page.addEventListener("tutor-emotion-status", heard, { capture: true });
  }

  /** Calls back when the element has come to life, which may be after the lesson began. */
  whenReady(then: () => void): void {
    void customElements.whenDefined("tutor-emotion").then(then);
  }
}

interface Detail {
  adaptation: Adaptation;
  choice?: AdaptationKind | null;
}

function isDetail(detail: unknown): detail is Detail {
  const adaptation = (detail as Partial<Detail> | null)?.adaptation;
  return typeof adaptation?.id === "number" && typeof adaptation.kind === "string";
}
