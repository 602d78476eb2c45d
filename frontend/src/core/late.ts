/** So long after it was given up an attempt may still enter at a slow server. */
const LATE_MS = 60_000;

/**
 * Attempts that were given up while the server thought. One may enter after the next one did, and
 * takes the session from it: that is no other tab, and we take it back. Only once in that time:
 * two tabs that both believe so would go on for ever.
 */
export class Late {
  private gaveUpAt = Number.NEGATIVE_INFINITY;
  private retookAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number) {}

  gaveUp(): void {
    this.gaveUpAt = this.now();
  }

  /** Whether it may be such an attempt that has the session now. */
  get likely(): boolean {
    const since = this.now() - LATE_MS;
    return this.gaveUpAt > since && this.retookAt <= since;
  }

  /** Whether to take it back. */
  retake(): boolean {
    if (!this.likely) return false;
    this.gaveUpAt = Number.NEGATIVE_INFINITY;
    this.retookAt = this.now();
    return true;
  }
}
