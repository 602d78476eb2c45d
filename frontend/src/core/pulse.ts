/** How often we look whether anything came; a ping that nothing follows until the next look fails. */
const BEAT_MS = 4_000;
/** The same where there is a reason to doubt. */
const DOUBT_MS = 2_500;

/**
 * Notices that a connection is silent: by what came, not by the clock. Clocks jump, and a hidden
 * page's timers are slow.
 */
export class Pulse {
  private beating: ReturnType<typeof setInterval> | undefined;
  private doubted: ReturnType<typeof setTimeout> | undefined;
  /** Messages that came; as many when it was looked last; and whether we have asked since. */
  private heard = 0;
  private heardAtBeat = 0;
  private asked = false;

  constructor(
    /** False if there is no connection. */
    private readonly ping: () => boolean,
    private readonly silent: () => void,
  ) {}

  start(): void {
    this.beating = setInterval(() => this.beat(), BEAT_MS);
  }

  came(): void {
    this.heard += 1;
  }

  /** There is a reason to doubt: ask now, and act if nothing comes soon. */
  ask(ifSilent: () => void): void {
    const before = this.heard;
    if (this.doubted !== undefined || !this.ping()) return;
    this.doubted = setTimeout(() => {
      this.doubted = undefined;
      if (this.heard === before) ifSilent();
    }, DOUBT_MS);
  }

  stop(): void {
    clearTimeout(this.doubted);
    clearInterval(this.beating);
    this.doubted = this.beating = undefined;
    this.asked = false;
    this.heardAtBeat = this.heard;
  }

  private beat(): void {
    const silent = this.heard === this.heardAtBeat;
    this.heardAtBeat = this.heard;
    if (silent && this.asked) this.silent();
    else this.asked = silent && this.ping();
  }
}
