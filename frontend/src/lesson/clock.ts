/** Seconds that a question has been in front of the learner: hidden tabs and breaks do not count. */
export class Clock {
  private seenMs = 0;
  private since: number | null = null;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly page: Document = document,
  ) {
    page.addEventListener("visibilitychange", () => (page.hidden ? this.pause() : this.resume()));
  }

  restart(): void {
    this.seenMs = 0;
    this.since = this.page.hidden ? null : this.now();
  }

  pause(): void {
    if (this.since !== null) this.seenMs += this.now() - this.since;
    this.since = null;
  }

  resume(): void {
    this.since ??= this.now();
  }

  get seconds(): number {
    const running = this.since === null ? 0 : this.now() - this.since;
    return Math.min(86_400, (this.seenMs + running) / 1000);
  }
}
