import type { Item } from "./content";

/** Keys in an answer's text stand with a space between them. */
export function keysOf(answer: string): string[] {
  return answer.split(" ").filter(Boolean);
}

/** The answer with `key` chosen, or no longer, in the order of the choices. */
export function toggled(item: Item, answer: string, key: string): string {
  const chosen = new Set(keysOf(answer));
  if (!chosen.delete(key)) chosen.add(key);
  return item.choices
    .map((choice) => choice.key)
    .filter((one) => chosen.has(one))
    .join(" ");
}

/** All keys in the order in which they stand now: that of the answer, or of the question. */
export function orderOf(item: Item, answer: string): string[] {
  const shown = item.choices.map((choice) => choice.key);
  const keys = keysOf(answer);
  const whole = keys.length === shown.length && shown.every((key) => keys.includes(key));
  return whole ? keys : shown;
}

/** `keys` with `key` at the place `to`. */
export function moved(keys: readonly string[], key: string, to: number): string[] {
  const rest = keys.filter((one) => one !== key);
  const place = Math.max(0, Math.min(rest.length, to));
  return [...rest.slice(0, place), key, ...rest.slice(place)];
}

/** What Check sends: things to be sorted are an answer as they stand. */
export function given(item: Item, answer: string): string {
  return item.kind === "order" ? orderOf(item, answer).join(" ") : answer;
}
