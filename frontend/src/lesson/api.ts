import type { Content, Marked, NextItem, Page } from "./content";

const RETRY_AFTER_MS = [500, 1500, 4000];
/** Nobody waits longer for what comes next; the page then goes on by itself. */
const NEXT_WITHIN_MS = 2500;

/** `code` is the server's, or `network`, or `reload` where only a new page helps. */
export class LessonError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export interface Given {
  readonly attempt: string;
  readonly step: string;
  readonly variant: number | null;
  readonly version: string;
  readonly answer: string;
  readonly took_s: number;
  readonly hints: number;
  readonly revealed: boolean;
  readonly pace: number;
  readonly skipped: readonly string[];
}

/** The lesson's own server. An answer keeps its `attempt` when it is sent again: it counts once. */
export class LessonApi {
  constructor(
    private readonly urls: Page["urls"],
    private readonly csrf: string,
    private readonly wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
  ) {}

  async content(): Promise<Content> {
    return (await this.ask(this.urls.content)) as Content;
  }

  /** `again` is called each time that the answer has not arrived and is about to be sent again. */
  async answer(given: Given, again: () => unknown = () => undefined): Promise<Marked> {
    for (const ms of RETRY_AFTER_MS) {
      try {
        return (await this.ask(this.urls.answer, given)) as Marked;
      } catch (error) {
        if (!(error instanceof LessonError) || error.code !== "network") throw error;
        again();
        await this.wait(ms);
      }
    }
    return (await this.ask(this.urls.answer, given)) as Marked;
  }

  /** What comes next at this pace; `leave` is a step to leave for now. */
  async next(pace: number, skipped: readonly string[], leave = ""): Promise<NextItem> {
    const query = new URLSearchParams([
      ["pace", String(pace)],
      ["leave", leave],
    ]);
    for (const skill of skipped) query.append("skipped", skill);
    const late = this.wait(NEXT_WITHIN_MS).then(() => {
      throw new LessonError("network");
    });
    return (await Promise.race([this.ask(`${this.urls.next}?${query}`), late])) as NextItem;
  }

  /** For the teacher's record; the row may be a moment late, and the learner never waits for it. */
  async carriedOut(adaptation: number, kind: string, step: string): Promise<void> {
    const body = { adaptation, kind, step };
    try {
      await this.ask(this.urls.carried_out, body);
    } catch {
      await this.wait(RETRY_AFTER_MS[1] ?? 0);
      await this.ask(this.urls.carried_out, body).catch(() => undefined);
    }
  }

  private async ask(url: string, body?: unknown): Promise<unknown> {
    const response = await fetch(url, {
      credentials: "same-origin",
      ...(body !== undefined && {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify(body),
      }),
    }).catch(() => {
      throw new LessonError("network");
    });
    if (response.status === 204) return null;
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    throw new LessonError(codeOf(response.status, answer));
  }
}

function codeOf(status: number, answer: unknown): string {
  if (status >= 500) return "network";
  const code = (answer as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "reload";
}
