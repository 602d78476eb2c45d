import { NEEDS, type Need } from "../protocol";
import type { Attention } from "./classroom";

/** Where the marks are kept: this tab's own storage, or nowhere. */
export interface Keeping {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const MOST = 500;

/** The learners that this teacher has marked as seen, kept for as long as the tab is open. */
export class SeenMarks {
  private readonly key: string;

  constructor(
    course: string,
    private readonly keeping: Keeping | null,
  ) {
    this.key = `tutor-emotion-seen:${course}`;
  }

  read(): Attention {
    try {
      const found: unknown = JSON.parse(this.keeping?.getItem(this.key) ?? "[]");
      return new Map(Array.isArray(found) ? found.filter(isMark) : []);
    } catch {
      return new Map(); // blocked, or not ours
    }
  }

  /** With this learner marked for their need, or without where they are marked for it already. */
  toggled(before: Attention, session: string, need: Need): Attention {
    const after = new Map(before);
    if (!after.delete(session) || before.get(session) !== need) after.set(session, need);
    this.write(after);
    return after;
  }

  private write(attention: Attention): void {
    try {
      this.keeping?.setItem(this.key, JSON.stringify([...attention].slice(-MOST)));
    } catch {
      // Full or blocked: the marks last as long as the page.
    }
  }
}

function isMark(item: unknown): item is [string, Need] {
  return Array.isArray(item) && typeof item[0] === "string" && NEEDS.includes(item[1] as Need);
}
