import type { Sensor } from "./media";
import type { Peer } from "./peer";
import { begin, judge, type Quality, type Step } from "./quality";
import { LongTasks } from "./vitals";

const LOOK_MS = 2_000;
/** The server reports at least every second and a half: so long nothing means no path. */
const SILENT_MS = 5_000;
/** The same where there is a reason to doubt: the network changed. */
const DOUBT_MS = 2_000;

export interface CareHandlers {
  /** Another step; the peer has been told. */
  step(step: Step): void;
  /** Nothing comes from the server any more, though nobody said that it ended. */
  silent(): void;
}

/**
 * Looks after the peer that is connected: how much is sent, and whether anything comes back. The
 * step outlives a peer: a new one begins where the old one was.
 */
export class Care {
  private quality: Quality;
  private peer: Peer | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private doubt: ReturnType<typeof setTimeout> | undefined;
  private tasks: LongTasks | null = null;
  private heard = -1;
  private heardMs = 0;

  constructor(
    private readonly handlers: CareHandlers,
    private readonly sensors: () => readonly Sensor[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.quality = begin(this.now());
  }

  get step(): Step {
    return this.quality.step;
  }

  /** The devices were asked for anew: what was before does not count. */
  reset(): void {
    this.stop();
    this.quality = begin(this.now());
  }

  /** A peer is connected. */
  watch(peer: Peer): void {
    this.stop();
    this.peer = peer;
    this.heard = -1;
    this.heardMs = this.now();
    this.quality = { ...this.quality, changedMs: this.now(), hardMs: null, easyMs: null };
    this.tasks = new LongTasks();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    clearTimeout(this.doubt);
    this.tasks?.stop();
    this.peer = this.tasks = null;
  }

  /** The network may have changed: does this peer still hear anything? */
  async check(): Promise<void> {
    await this.look();
    clearTimeout(this.doubt);
    this.doubt = setTimeout(() => void this.look(DOUBT_MS), DOUBT_MS);
  }

  private async look(silentMs = SILENT_MS): Promise<void> {
    const { peer } = this;
    const vitals = await peer?.vitals(this.tasks?.share() ?? 0);
    if (!vitals || peer !== this.peer) return;
    const now = this.now();
    if (vitals.heard === null || vitals.heard !== this.heard) {
      this.heard = vitals.heard ?? -1;
      this.heardMs = now;
    } else if (now - this.heardMs >= silentMs) return this.handlers.silent();
    const next = judge(this.quality, vitals.sign, this.sensors(), now);
    const changed = next.step !== this.quality.step;
    this.quality = next;
    if (!changed) return;
    await peer?.apply(next.step);
    this.handlers.step(next.step);
  }
}
