/** How long to wait before the next attempt, in milliseconds. */
const FIRST_MS = 500;
const MOST_MS = 20_000;

/**
 * Doubles from half a second to twenty seconds; half of it is chance, so that a class whose
 * server restarts does not come back all at once.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return most / 2 + (random() * most) / 2;
}
