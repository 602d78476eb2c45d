import type { LearnerRow } from "../protocol";
import { fill, type Words } from "./words";

const REST_MS = 10_000;
const NAMED = 3;

/** Tells aloud who is new among those in need: together, and not more often than each ten seconds. */
export class Announcer {
  private readonly waiting = new Map<string, LearnerRow>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private toldMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly words: Words,
    private readonly say: (text: string) => void,
  ) {}

  tell(rows: readonly LearnerRow[]): void {
    for (const row of rows) this.waiting.set(row.session, row);
    if (this.waiting.size === 0 || this.timer !== undefined) return;
    const wait = Math.max(0, this.toldMs + REST_MS - Date.now());
    this.timer = setTimeout(() => this.flush(), wait);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private flush(): void {
    const { t } = this.words;
    const rows = [...this.waiting.values()];
    const parts = rows
      .slice(0, NAMED)
      .map((row) => fill(t.classroom.announce, { name: row.name, need: t.needs[row.need] }));
    if (rows.length > NAMED)
      parts.push(this.words.count(t.classroom.announceMany, rows.length - NAMED));
    this.stop();
    this.toldMs = Date.now();
    this.say(parts.join(". "));
  }
}
