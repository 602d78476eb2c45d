import type { EventMessage } from "../protocol";

const IDLE_AFTER_MS = 30_000;
const TYPING_ENDS_MS = 3_000;
const MOVES = ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart"] as const;

/**
 * Reports that the page is hidden, that nothing was touched for a while, and that the learner is
 * typing: only *that*, never which key and never the time between keys.
 *
 * Idle is told at 30 s, 60 s, 2 min, 4 min …: each time it has doubled.
 */
export function watchActivity(page: Document, report: (event: EventMessage) => void): () => void {
  let movedAt = performance.now();
  let nextIdleMs = IDLE_AFTER_MS;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  let typingTimer: ReturnType<typeof setTimeout> | undefined;

  const waitForIdle = (): void => {
    clearTimeout(idleTimer);
    if (page.hidden) return;
    idleTimer = setTimeout(tellIdle, Math.max(0, movedAt + nextIdleMs - performance.now()));
  };
  const tellIdle = (): void => {
    const idleMs = performance.now() - movedAt;
    if (idleMs >= nextIdleMs) {
      report({ type: "idle", idle_s: idleMs / 1000 });
      nextIdleMs *= 2;
    }
    waitForIdle();
  };
  // Runs for every movement of the pointer, so it only notes the time: the timer looks later.
  const moved = (): void => {
    movedAt = performance.now();
    if (nextIdleMs === IDLE_AFTER_MS) return;
    nextIdleMs = IDLE_AFTER_MS;
    waitForIdle();
  };
  const typed = (): void => {
    if (typingTimer === undefined) report({ type: "activity", busy: "typing" });
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => {
      typingTimer = undefined;
      report({ type: "activity", busy: "none" });
    }, TYPING_ENDS_MS);
  };
  const seen = (): void => {
    report({ type: "visibility", hidden: page.hidden });
    movedAt = performance.now();
    nextIdleMs = IDLE_AFTER_MS;
    waitForIdle();
  };

  for (const move of MOVES) page.addEventListener(move, moved, { passive: true, capture: true });
  page.addEventListener("keydown", typed, { passive: true, capture: true });
  page.addEventListener("visibilitychange", seen);
  waitForIdle();
  return () => {
    clearTimeout(idleTimer);
    clearTimeout(typingTimer);
    for (const move of MOVES) page.removeEventListener(move, moved, { capture: true });
    page.removeEventListener("keydown", typed, { capture: true });
    page.removeEventListener("visibilitychange", seen);
  };
}
