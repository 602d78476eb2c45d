/** Seconds of one try at a question: hidden tabs and breaks do not count. */
export class Clock {
  private seenMs = 0;
  private since: number | null = null;
  private held = false;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly page: Document = document,
  ) {
    page.addEventListener("visibilitychange", () => this.follow());
  }

  restart(): void {
    this.seenMs = 0;
    this.since = null;
    this.follow();
  }

  /** A break begins or ends. */
  hold(held: boolean): void {
    this.held = held;
    this.follow();
  }

  get seconds(): number {
    const s = (this.seenMs + this.sinceMs()) / 1000;
    return Math.min(86_400, s);
  }

  private follow(): void {
    const runs = !this.page.hidden && !this.held;
    if (runs) this.since ??= this.now();
    else if (this.since !== null) {
      this.seenMs += this.sinceMs();
      this.since = null;
    }
  }

  /** A clock that jumps back has not run. */
  private sinceMs(): number {
    return this.since === null ? 0 : Math.max(0, this.now() - this.since);
  }
}
