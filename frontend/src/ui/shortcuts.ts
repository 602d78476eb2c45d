import type { SelfReportMessage } from "../protocol";

const STORED = "tutor-emotion-shortcuts";

/** Whether number keys and Escape answer an offer; on until the learner turns them off. */
export function loadFlag(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true; // storage is blocked
  }
}

export function saveFlag(on: boolean): void {
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    return; // storage is blocked: it holds until the page is left
  }
}

/**
 * What a key means while an offer is there: Escape waves it away from anywhere, a number takes
 * that choice, but never while something is being typed or another widget has the focus.
 */
export function shortcutOf(event: KeyboardEvent, panel: Element): "dismiss" | number | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === "Escape") return "dismiss";
  if (!/^[1-9]$/.test(event.key)) return null;
  const [target] = event.composedPath();
  if (target instanceof Element && isTyping(target)) return null;
  const focus = document.activeElement;
  return focus === null || focus === document.body || focus === panel ? Number(event.key) : null;
}

function isTyping(target: Element): boolean {
  if (target instanceof HTMLElement && target.isContentEditable) return true;
  return target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

export const FEELINGS: readonly SelfReportMessage["feeling"][] = [
  "fine",
  "confused",
  "stuck",
  "bored",
];

/** Alt+Shift+1 to 4 say how it goes, also from a field: no character is typed with both held. */
export function feelingOf(event: KeyboardEvent): SelfReportMessage["feeling"] | null {
  if (event.defaultPrevented || event.repeat || !event.altKey || !event.shiftKey) return null;
  if (event.ctrlKey || event.metaKey) return null;
  const digit = /^Digit([1-4])$/.exec(event.code)?.[1];
  return digit ? (FEELINGS[Number(digit) - 1] ?? null) : null;
}
