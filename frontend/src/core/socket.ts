import { MAX_MESSAGES_PER_S, SUBPROTOCOL } from "../protocol";
import { ApiError } from "./api";
import { backoffMs } from "./backoff";
import { Late } from "./late";
import { Moving } from "./moving";
import { Pulse } from "./pulse";

/** Where the connection is. `closed` is final until `open()` is called again. */
export type Link = "off" | "connecting" | "open" | "waiting" | "closed";

/** From here on codes are the server's own: coming back by itself would not help. */
export const FIRST_FATAL_CODE = 4000;
/** Another socket of the learner has the session: what the server says, and the code it closes with. */
const REPLACED = "session_replaced";
const REPLACED_CODE = 4409;

const STABLE_MS = 5_000;
/** Below the server's limit, with a reserve that reports may not touch: signalling goes first. */
const SENDS_PER_S = MAX_MESSAGES_PER_S - 10;
const RESERVE = 10;

export interface SocketHandlers<In> {
  message(message: In): void;
  link(link: Link, closeCode: number | null): void;
}

export interface SocketOptions {
  create?: (url: string, protocols: string[]) => WebSocket;
  random?: () => number;
  now?: () => number;
}

/** Why there is no ticket, as the socket itself would have said it. */
const CLOSE_CODES: Readonly<Record<string, number>> = {
  not_signed_in: 4401,
  unknown_session: 4404,
  unknown_course: 4404,
};

/**
 * One websocket that comes back by itself, notices silence, and stays under the rate limit. Each
 * time it connects it fetches a ticket, which opens it once.
 */
export class Socket<In extends { type: string }, Out extends { type: string }> {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private openedAt = 0;
  /** Whether the server has said anything over this connection. */
  private answered = false;
  private tokens = SENDS_PER_S;
  private refilledAt = 0;
  /** Connections that were begun: an older one's ticket may still be on its way. */
  private turn = 0;
  private readonly pulse = new Pulse(
    () => this.ping(),
    () => this.restart(),
  );
  private readonly moving: Moving;
  private readonly late: Late;
  private readonly create: (ticket: string) => WebSocket;
  private readonly random: () => number;
  private readonly now: () => number;

  constructor(
    private readonly url: string,
    /** At once where one is at hand. */
    private readonly ticket: () => string | Promise<string>,
    private readonly handlers: SocketHandlers<In>,
    options: SocketOptions = {},
  ) {
    const create = options.create ?? ((at, protocols) => new WebSocket(at, protocols));
    this.create = (shown) => create(this.url, [SUBPROTOCOL, shown]);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => Date.now());
    this.late = new Late(this.now);
    this.moving = new Moving(
      {
        ticket: () => this.ticket(),
        create: this.create,
        arrived: (next, first) => this.changeOver(next, first),
        failed: (unanswered) => this.stayed(unanswered),
        isRefusal: (data) => parse<In>(data)?.type === "error",
      },
      this.random,
    );
  }

  open(): void {
    this.attempt = 0;
    this.connect();
  }

  /**
   * The network is back or another one, or the learner asked: wait no longer, and trust no
   * connection that does not answer soon.
   */
  hurry(): void {
    if (this.retry !== undefined) this.open();
    else this.pulse.ask(() => this.open());
  }

  /**
   * Something of this server's is silent: trust the connection only if it answers soon. It may be
   * silent for a whole class at once, so nobody hurries back.
   */
  doubt(): void {
    this.pulse.ask(() => this.restart());
  }

  /** Signalling and commands; false if there is no connection. */
  send(message: Out): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.refill();
    this.tokens -= 1;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /**
   * Reports: also false if they would use up what signalling needs, or could reach a server that
   * has just handed the session on; try again a little later.
   */
  trySend(message: Out): boolean {
    this.refill();
    return !this.moving.underWay && this.tokens > RESERVE && this.send(message);
  }

  /** Drop this connection and make a new one soon; what hung on it is gone at the server too. */
  restart(): void {
    this.forgiveIfStable();
    this.drop();
    this.again();
  }

  close(): void {
    this.drop();
    this.handlers.link("off", null);
  }

  private connect(): void {
    this.drop();
    this.handlers.link("connecting", null);
    const { turn } = this;
    const ticket = this.ticket();
    if (typeof ticket === "string") this.connectWith(ticket);
    else
      ticket.then(
        (came) => turn === this.turn && this.connectWith(came),
        (error: unknown) => turn === this.turn && this.refused(error),
      );
  }

  private refused(error: unknown): void {
    if (!(error instanceof ApiError) || error.retry) this.again();
    else this.handlers.link("closed", CLOSE_CODES[error.code] ?? 4403);
  }

  private connectWith(ticket: string): void {
    let socket: WebSocket;
    try {
      socket = this.create(ticket);
    } catch {
      this.again(); // a blocked address throws where others fail later; both wait the same way
      return;
    }
    socket.onopen = () => {
      this.opened();
      this.handlers.link("open", null);
    };
    this.listen(socket);
  }

  private listen(socket: WebSocket): void {
    this.socket = socket;
    this.answered = false;
    socket.onmessage = (event: MessageEvent) => this.received(event.data);
    socket.onclose = (event: CloseEvent) => this.closed(event.code);
  }

  /** The server asked us to move, and the next one is there: nobody is told of a new link. */
  private changeOver(next: WebSocket, first: unknown): void {
    this.drop();
    this.listen(next);
    this.opened();
    this.received(first);
  }

  /** The next one is not there yet; whether this one still is. */
  private stayed(unanswered: boolean): boolean {
    if (unanswered) this.late.gaveUp();
    if (this.socket) return true;
    this.drop();
    this.again();
    return false;
  }

  private opened(): void {
    this.openedAt = this.refilledAt = this.now();
    this.tokens = SENDS_PER_S;
    this.pulse.start();
  }

  private received(data: unknown): void {
    this.pulse.came();
    this.answered = true;
    const message = parse<In>(data);
    if (!message || message.type === "pong") return;
    if (message.type === "move") this.moving.begin();
    else if (message.type !== "error" || !this.ourOwnDoing(message)) this.handlers.message(message);
  }

  /** "Opened in another tab" is no news where it was we who opened it. */
  private ourOwnDoing(error: object): boolean {
    if (this.moving.underWay) return true;
    return this.late.likely && "code" in error && error.code === REPLACED;
  }

  private ping(): boolean {
    return this.send({ type: "ping", sent_s: this.now() / 1000 } as unknown as Out);
  }

  private closed(code: number): void {
    if (this.moving.underWay) {
      this.socket = null; // the next one has the session, or is about to
      return;
    }
    if (code >= FIRST_FATAL_CODE) this.answered = true;
    this.forgiveIfStable();
    this.drop();
    const final = code >= FIRST_FATAL_CODE && !(code === REPLACED_CODE && this.late.retake());
    if (final) this.handlers.link("closed", code);
    else this.again();
  }

  /** A connection that held and said something makes up for the failures before it. */
  private forgiveIfStable(): void {
    const held = this.openedAt > 0 && this.now() - this.openedAt > STABLE_MS;
    if (held && this.answered) this.attempt = 0;
  }

  private again(): void {
    const wait = backoffMs(this.attempt, this.random);
    this.attempt += 1;
    this.handlers.link("waiting", null);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private drop(): void {
    const unanswered = this.openedAt > 0 && !this.answered;
    if (unanswered || this.moving.underWay) this.late.gaveUp();
    this.turn += 1;
    this.moving.stop();
    this.pulse.stop();
    clearTimeout(this.retry);
    this.retry = undefined;
    const socket = this.socket;
    this.socket = null;
    this.openedAt = 0;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private refill(): void {
    const now = this.now();
    const gained = ((now - this.refilledAt) / 1000) * SENDS_PER_S;
    this.tokens = Math.min(SENDS_PER_S, this.tokens + Math.max(0, gained));
    this.refilledAt = now;
  }
}

function parse<In extends { type: string }>(data: unknown): In | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    const typed = typeof message === "object" && message !== null && "type" in message;
    return typed && typeof message.type === "string" ? (message as In) : null;
  } catch {
    return null;
  }
}

/** `path` on the host of `base`, with the websocket scheme that fits its security. */
export function socketUrl(path: string, base: string): string {
  const url = new URL(path, base);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}
