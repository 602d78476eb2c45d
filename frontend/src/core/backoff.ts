/** How long to wait before the next attempt, in milliseconds. */
const FIRST_MS = 500;
const MOST_MS = 8_000;

/**
 * Doubles from half a second to eight seconds, so that a server that is back has its learners back
 * within ten; half of it is chance, so that a class whose server restarts does not come back all
 * at once.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return most / 2 + (random() * most) / 2;
}
