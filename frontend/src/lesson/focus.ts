import type { State } from "./state";

/** Where keyboard and screen reader go after a change: to what is new, never anywhere else. */
export class Focus {
  constructor(private readonly root: HTMLElement) {}

  follow(before: State, now: State): void {
    const target = targetOf(before, now);
    const all = target === null ? [] : [...this.root.querySelectorAll<HTMLElement>(target)];
    this.focus(all.at(-1));
  }

  /** After a right answer on to the next; else stay, ready to write again. */
  afterMark(correct: boolean): void {
    const selector = correct ? "#lesson-next" : "#lesson-input";
    const element = this.root.querySelector<HTMLElement>(selector);
    if (correct || this.root.contains(document.activeElement)) this.focus(element);
    if (element instanceof HTMLInputElement) element.select();
    this.show(this.root.querySelector(".lesson-feedback"));
  }

  private focus(element: HTMLElement | null | undefined): void {
    element?.focus({ preventScroll: true });
    this.show(element);
  }

  private show(element: Element | null | undefined): void {
    element?.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  }
}

function targetOf(before: State, now: State): string | null {
  if (now.slug !== before.slug || now.item !== before.item || now.card !== before.card)
    return "#lesson-step h2";
  if (now.segments !== before.segments) return ".lesson-segment";
  if (now.strategy && !before.strategy) return "#lesson-line";
  // Help stands in this order below the answer; the last of its kind is the new one.
  if (now.worked && !before.worked) return ".lesson-help.worked h3";
  if (now.examples > before.examples) return ".lesson-help.example h3";
  return now.hints > before.hints ? ".lesson-help.hint h3" : null;
}

function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
