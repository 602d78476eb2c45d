import type { ConsentBody, Modality, SessionOpened, Setup, Ticket } from "../protocol";

/** An error as the server tells it: a code for the catalogue, and whether to try again. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly retry: boolean,
  ) {
    super(code);
  }
}

/** The code to show for anything that was thrown. */
export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "server";
}

const TIMEOUT_MS = 15_000;
/** A ticket is a small thing; longer means that its connection is dead. */
const TICKET_MS = 4_000;
const HEDGE_MS = 1_000;
const HEDGES = 3;

/** Asks and is answered in JSON, below one address, with the cookies of this site. */
export class Http {
  constructor(
    private readonly base: string,
    private readonly csrf: string,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  async ask<Answer>(
    method: "GET" | "POST",
    path: string,
    body?: object,
    limitMs = TIMEOUT_MS,
  ): Promise<Answer> {
    const request: RequestInit = {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(limitMs),
    };
    if (body) {
      request.body = JSON.stringify(body);
      request.headers = {
        ...request.headers,
        "Content-Type": "application/json",
        "X-CSRFToken": this.csrf || csrfCookie(document.cookie),
      };
    }
    const response = await this.fetcher(this.base + path, request).catch(() => {
      throw new ApiError("network", true);
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer) return answer as Answer;
    throw errorFrom(answer, response.status);
  }
}

/** What is asked before the websocket, and each time that it comes back. */
export class Api {
  private readonly http: Http;

  constructor(
    base: string,
    private readonly token: string,
    csrf: string,
    /** Of the school's own words that come with the setup. */
    private readonly language: string,
    fetcher?: typeof fetch,
  ) {
    this.http = new Http(base, csrf, fetcher);
  }

  setup(): Promise<Setup> {
    return this.http.ask<Setup>("GET", `setup/?${this.asked({ token: this.token })}`);
  }

  /** `calibration`: whether labelled moments may be kept; null says nothing of it. */
  consent(
    textVersion: string,
    modalities: Record<Modality, boolean>,
    calibration: boolean | null = null,
  ): Promise<Setup> {
    const body: ConsentBody = { token: this.token, text_version: textVersion, modalities };
    if (calibration !== null) body.calibration = calibration;
    return this.http.ask<Setup>("POST", `consents/?${this.asked({})}`, body);
  }

  openSession(): Promise<SessionOpened> {
    return this.http.ask<SessionOpened>("POST", "sessions/", { token: this.token });
  }

  /** Asked for when a connection was lost: what the browser kept open may be lost as well. */
  async ticket(session: string): Promise<string> {
    const path = `sessions/${session}/ticket/`;
    return (await hedged(() => this.http.ask<Ticket>("POST", path, {}, TICKET_MS))).ticket;
  }

  private asked(query: Record<string, string>): string {
    return new URLSearchParams({ ...query, language: this.language }).toString();
  }
}

/**
 * The first of up to three answers, each asked for a second after the one before it. On another
 * network a request may wait on a connection of the old one, for minutes; the next takes another.
 */
function hedged<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout>;
    const begin = (left: number): void => {
      if (left > 1) timer = setTimeout(() => begin(left - 1), HEDGE_MS);
      ask()
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    };
    begin(HEDGES);
  });
}

/** Django's default cookie; a host with another name passes the `csrf` attribute. */
export function csrfCookie(cookies: string): string {
  const found = /(?:^|;\s*)csrftoken=([^;]*)/.exec(cookies);
  return found?.[1] ? decodeURIComponent(found[1]) : "";
}

function errorFrom(answer: unknown, status: number): ApiError {
  const told = (answer ?? {}) as { code?: unknown; retry?: unknown };
  const code =
    typeof told.code === "string" ? told.code : status === 403 ? "not_allowed" : "server";
  return new ApiError(code, typeof told.retry === "boolean" ? told.retry : status >= 500);
}
