import type {
  AdaptationMessage,
  Modality,
  Setup,
  ToLearner,
  ToTeacher,
  Welcome,
} from "../protocol";
import { MODALITIES, PROTOCOL_VERSION } from "../protocol";

/** Keeps the half of WebSocket that we use; the test plays the server. */
class FakeSocket {
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    private readonly sent: Record<string, unknown>[],
    private readonly server: { deaf: boolean },
    private readonly numbers: number[],
  ) {}

  send(text: string): void {
    const whole = JSON.parse(text) as Record<string, unknown>;
    // What was reported is what tests ask about; its number is beside it.
    const numbered = whole.type === "numbered";
    const message = (numbered ? whole.event : whole) as Record<string, unknown>;
    this.sent.push(message);
    if (numbered) this.numbers.push(whole.number as number);
    if (message.type === "ping" && !this.server.deaf)
      this.onmessage?.({ data: JSON.stringify({ ...message, type: "pong", server_time_s: 0 }) });
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }
}

/** A scripted server: accepts, speaks, hangs up, and remembers what it was told. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly sent: Record<string, unknown>[] = [];
  /** Of the events that were sent under one. */
  readonly numbers: number[] = [];

  /** Nothing that is sent reaches it, and nobody says so: a path that died. */
  deaf = false;

  /** The subprotocols of each socket: ours, and its ticket. */
  readonly shown: string[][] = [];

  readonly create = (url: string, protocols: string[]): WebSocket => {
    this.shown.push(protocols);
    const socket = new FakeSocket(url, this.sent, this, this.numbers);
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  };

  get made(): number {
    return this.sockets.length;
  }

  private get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nobody has connected");
    return socket;
  }

  accept(): void {
    this.last.readyState = WebSocket.OPEN;
    this.last.onopen?.();
  }

  say(message: ToLearner | ToTeacher): void {
    this.raw(JSON.stringify(message));
  }

  /** From an earlier socket's server. */
  sayOn(socket: number, message: ToLearner | ToTeacher): void {
    this.sockets[socket]?.onmessage?.({ data: JSON.stringify(message) });
  }

  dropOn(socket: number, code: number): void {
    this.sockets[socket]?.onclose?.({ code });
  }

  raw(data: string): void {
    this.last.onmessage?.({ data });
  }

  drop(code: number): void {
    this.last.readyState = WebSocket.CLOSED;
    this.last.onclose?.({ code });
  }

  /** What was sent, of one type. */
  of(type: string): Record<string, unknown>[] {
    return this.sent.filter((message) => message.type === type);
  }
}

export const SESSION_ID = "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0";

export function setupOf(
  permitted: readonly Modality[] = MODALITIES,
  consented: readonly Modality[] = [],
): Setup {
  return {
    course: "fractions",
    title: "Fractions",
    lesson: "fractions-1",
    text_version: "2026-11",
    words: "adult",
    rules: MODALITIES.map((modality) => ({
      modality,
      permitted: permitted.includes(modality),
      reason: permitted.includes(modality) ? "" : "forbidden_by_law",
      consented: consented.includes(modality),
    })),
    calibration: { offered: false, consented: false },
    messages: {},
  };
}

export function welcomeOf(allowed: Modality[], resumed = false): Welcome {
  return {
    type: "welcome",
    protocol: PROTOCOL_VERSION,
    session: SESSION_ID,
    allowed,
    ice_servers: [],
    ice_for_s: 600,
    resumed,
    server_time_s: 0,
    traced: false,
  };
}

export function offerOf(changes: Partial<AdaptationMessage> = {}): AdaptationMessage {
  return {
    type: "adaptation",
    id: 7,
    kind: "hint",
    mode: "offer",
    message: "offer.hint_or_step",
    choices: ["hint", "worked_step"],
    pace: 0,
    expires_in_s: 30,
    evidence: [],
    items: 1,
    step_title: "",
    skill_title: "",
    effects: { segment: 1, wait: 1, examples: 1, review: 4 },
    ...changes,
  };
}

/** An HTTP server as the plugin's views answer; what was consented is remembered. */
export function fakeFetch(permitted: readonly Modality[] = MODALITIES): {
  fetch: typeof fetch;
  asked: { method: string; path: string; body: Record<string, unknown>; csrf: string }[];
  fail: { code: string; status: number } | null;
  calibration: Setup["calibration"];
  messages: Setup["messages"];
  words: Setup["words"];
  /** Why what is not permitted is not. */
  reason: string;
} {
  let consented: Modality[] = [];
  const server = {
    asked: [] as { method: string; path: string; body: Record<string, unknown>; csrf: string }[],
    fail: null as { code: string; status: number } | null,
    calibration: { offered: false, consented: false },
    messages: {} as Setup["messages"],
    words: "adult" as Setup["words"],
    reason: "forbidden_by_law",
    fetch: async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const path = new URL(String(url)).pathname;
      const body = JSON.parse(String(init?.body ?? "{}")) as Record<string, unknown>;
      const csrf = new Headers(init?.headers).get("X-CSRFToken") ?? "";
      server.asked.push({ method: init?.method ?? "GET", path, body, csrf });
      if (server.fail)
        return Response.json({ code: server.fail.code }, { status: server.fail.status });
      if (path.endsWith("/ticket/")) return Response.json({ ticket: "next" });
      if (path.endsWith("/sessions/"))
        return Response.json(
          { session: SESSION_ID, socket_path: "/ws/s/", ticket: "first" },
          { status: 201 },
        );
      if (path.endsWith("/consents/")) {
        const given = body.modalities as Record<Modality, boolean>;
        consented = MODALITIES.filter((modality) => given[modality]);
        if (typeof body.calibration === "boolean") server.calibration.consented = body.calibration;
      }
      const setup = setupOf(permitted, consented);
      return Response.json({
        ...setup,
        words: server.words,
        rules: setup.rules.map((rule) => (rule.reason ? { ...rule, reason: server.reason } : rule)),
        calibration: { ...server.calibration },
        messages: server.messages,
      });
    },
  };
  return server;
}
