import { backoffMs } from "../core/backoff";

const EVERY_MS = 4_000;

/** What of the page is asked for again; a stranger's answer (a sign-in page) is not taken. */
export interface Part {
  readonly running: boolean;
  replaceWith(text: string): boolean;
  lost(lost: boolean): void;
}

/** Asks for the part anew while the session runs and somebody looks; nothing comes: nothing moves. */
export class Live {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private etag = "";
  private failures = 0;

  constructor(
    private readonly address: string,
    private readonly part: Part,
    private readonly fetcher: typeof fetch = (...given) => fetch(...given),
  ) {}

  start(): void {
    if (this.part.running) this.timer = setTimeout(() => void this.look(), this.waitMs());
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** The page is in sight again: at once. */
  hurry(): void {
    if (!this.part.running) return;
    this.stop();
    void this.look();
  }

  private waitMs(): number {
    return EVERY_MS + (this.failures > 0 ? backoffMs(this.failures) : 0);
  }

  private async look(): Promise<void> {
    this.stop();
    if (!document.hidden) {
      const ok = await this.ask();
      this.failures = ok ? 0 : this.failures + 1;
      this.part.lost(!ok);
    }
    this.start();
  }

  private async ask(): Promise<boolean> {
    try {
      const headers = { "If-None-Match": this.etag };
      const answer = await this.fetcher(this.address, { headers, credentials: "same-origin" });
      if (answer.status === 304) return true;
      if (!answer.ok) return false;
      const taken = this.part.replaceWith(await answer.text());
      if (taken) this.etag = answer.headers.get("ETag") ?? "";
      return taken;
    } catch {
      return false; // no network: it is tried again
    }
  }
}
