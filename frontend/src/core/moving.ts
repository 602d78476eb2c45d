import { backoffMs } from "./backoff";

/** A next connection that says nothing for so long is given up. */
const PATIENCE_MS = 10_000;

export interface MovingHandlers {
  ticket(): string | Promise<string>;
  create(ticket: string): WebSocket;
  /** The next server speaks: from now on this is the connection, and that its first message. */
  arrived(next: WebSocket, first: unknown): void;
  /**
   * An attempt failed; `unanswered`: the server had not said a word. Whether the old connection is
   * still there, so that another one is made.
   */
  failed(unanswered: boolean): boolean;
  isRefusal(data: unknown): boolean;
}

/**
 * The next connection, made beside a running one whose server is about to end. The old one stays
 * until the new one speaks, so nobody notices; a proxy may send us to the ending server once more,
 * which says no, and then we try again.
 */
export class Moving {
  private next: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tried = 0;
  private turn = 0;
  private begun = false;

  constructor(
    private readonly handlers: MovingHandlers,
    private readonly random: () => number,
  ) {}

  /** Whether a next server may be taking the session at this moment. */
  get underWay(): boolean {
    return this.next !== null;
  }

  begin(): void {
    if (this.begun) return;
    this.begun = true;
    this.tried = 0;
    this.attempt();
  }

  stop(): void {
    this.begun = false;
    this.turn += 1;
    this.letGo()?.close();
  }

  private attempt(): void {
    const { turn } = this;
    Promise.resolve(this.handlers.ticket())
      .then((ticket) => turn === this.turn && this.connect(this.handlers.create(ticket)))
      .catch(() => turn === this.turn && this.failed());
  }

  private connect(next: WebSocket): void {
    this.next = next;
    this.timer = setTimeout(() => this.failed(true), PATIENCE_MS);
    next.onclose = () => this.failed();
    next.onmessage = ({ data }: MessageEvent) => {
      if (this.handlers.isRefusal(data)) return; // it closes next
      this.letGo();
      this.handlers.arrived(next, data);
    };
  }

  private failed(unanswered = false): void {
    this.letGo()?.close();
    if (!this.handlers.failed(unanswered)) return;
    this.timer = setTimeout(() => this.attempt(), backoffMs(this.tried, this.random));
    this.tried += 1;
  }

  private letGo(): WebSocket | null {
    clearTimeout(this.timer);
    const { next } = this;
    this.next = null;
    if (next) next.onmessage = next.onclose = null;
    return next;
  }
}
