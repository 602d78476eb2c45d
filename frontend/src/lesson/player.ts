import { render } from "lit";
import { type AdaptationKind, EVENT_FIELDS } from "../protocol";
import { actionsFor } from "./adapt";
import { type LessonApi, LessonError } from "./api";
import { Clock } from "./clock";
import { type Adaptation, type Content, itemKey, itemOf, type Page } from "./content";
import { Focus } from "./focus";
import {
  type Action,
  begin,
  hintsOf,
  itemNow,
  leadsBack,
  nextUnsolved,
  reduce,
  revealed,
  type State,
  stepOf,
} from "./state";
import type { Tutor } from "./tutor";
import { type Deeds, lessonView } from "./view";
import type { Words } from "./words";

/** One lesson on one page: the state, its picture, and what goes out. */
export class Player {
  private state: State;
  private readonly clock = new Clock();
  private readonly focus: Focus;
  private written = false;
  /** An answer that was not delivered is sent again under its first name. */
  private pending: { answer: string; key: string; attempt: string } | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly page: Page,
    content: Content,
    private readonly api: LessonApi,
    private readonly tutor: Tutor,
    private readonly words: Words,
  ) {
    this.state = begin(content, page.solved, page.current);
    this.focus = new Focus(root);
  }

  start(answer: string): void {
    this.root.replaceChildren();
    this.do({ do: "answer", text: answer });
    this.shownAnew();
    this.tutor.onAdaptation((adaptation, choice) => this.adapt(adaptation, choice));
    this.tutor.onStatus(() => this.render());
    this.tutor.whenReady(() => this.reportStep());
  }

  /** The plugin's word, carried out; the teacher's record hears of it. */
  adapt(adaptation: Adaptation, choice: AdaptationKind | null): void {
    const before = this.state;
    this.do(...actionsFor(before, adaptation, choice));
    this.settle(before);
    if (this.state !== before)
      void this.api.carriedOut(adaptation.id, choice ?? adaptation.kind, before.slug ?? "-");
  }

  private readonly deeds: Deeds = {
    type: (text) => this.do({ do: "answer", text }),
    submit: () => void this.submit(),
    next: () => this.next(),
    open: (slug) => this.change({ do: "open", slug, item: "step" }),
    hint: () => this.hint(),
    part: () => this.change({ do: "part" }),
    similar: () => this.change({ do: "sibling", item: "similar_item" }),
    backToStep: () => this.change({ do: "sibling", item: "step" }),
    card: (card) => this.change({ do: "card", card }),
    skip: () => {
      const { content, solved, slug } = this.state;
      this.change({ do: "open", slug: nextUnsolved(content, solved, slug) });
    },
    write: (text) => {
      this.tutor.report({ type: "text", text });
      this.written = true;
      this.render();
    },
    probe: (text) => {
      if (text) this.tutor.report({ type: "text", text });
      this.change({ do: "card", card: "none" }, { do: "worked" });
    },
  };

  // --- answers ----------------------------------------------------------------------------------

  private async submit(): Promise<void> {
    const { state } = this;
    const step = stepOf(state);
    const item = itemNow(state);
    if (!step || !item || state.sending || state.right || !state.answer.trim()) return;
    const key = itemKey(step, state.item);
    const took_s = this.clock.seconds;
    const answer = state.answer;
    this.do({ do: "sending" });
    try {
      const attempt = this.attemptFor(key, answer);
      const given = { attempt, step: step.slug, variant: item.variant, answer, took_s };
      const mark = await this.api.answer(given);
      this.pending = null;
      if (this.itemKeyNow() !== key) return this.do({ do: "solved", solved: mark.solved });
      const shown = revealed(this.state);
      this.do({ do: "marked", marked: mark });
      this.clock.restart(); // the next try has its own time
      this.focus.afterMark(mark.correct);
      if (mark.verdict !== "unreadable")
        this.tutor.report({
          type: "answer",
          step: key,
          skill: step.skill,
          correct: mark.correct,
          took_s,
          answer: mark.normalised.slice(0, 100),
          revealed: shown,
        });
    } catch (error) {
      if (this.itemKeyNow() === key)
        this.do({ do: "fault", code: error instanceof LessonError ? error.code : "other" });
    }
  }

  private attemptFor(key: string, answer: string): string {
    if (this.pending?.key !== key || this.pending.answer !== answer)
      this.pending = { key, answer, attempt: newId() };
    return this.pending.attempt;
  }

  private hint(): void {
    const step = stepOf(this.state);
    if (!step) return;
    const rungs = hintsOf(this.state).length;
    const bottom = this.state.item !== "step" || this.state.hints >= rungs;
    const level = Math.min(this.state.hints, rungs) + 1;
    const key = itemKey(step, this.state.item);
    this.tutor.report({ type: "hint_request", step: key, level, bottom_out: bottom });
    this.change({ do: this.state.hints < rungs ? "hint" : "worked" });
  }

  private next(): void {
    const { content, solved, slug } = this.state;
    if (leadsBack(this.state)) this.change({ do: "open", slug, item: "step" });
    else this.change({ do: "open", slug: nextUnsolved(content, solved, slug) });
  }

  // --- what follows a change --------------------------------------------------------------------

  private change(...actions: Action[]): void {
    const before = this.state;
    this.do(...actions);
    this.settle(before);
  }

  private do(...actions: Action[]): void {
    this.state = actions.reduce(reduce, this.state);
    this.render();
  }

  /** Clock, reports, address and focus follow what is on the screen. */
  private settle(before: State): void {
    const { state } = this;
    this.clock.hold(state.card === "break");
    if (state.slug !== before.slug || state.item !== before.item) this.shownAnew();
    this.focus.follow(before, state);
  }

  private shownAnew(): void {
    this.clock.restart();
    this.written = false;
    this.reportStep();
    const { slug } = this.state;
    history.replaceState(history.state, "", slug ? `?step=${encodeURIComponent(slug)}` : "?");
  }

  private reportStep(): void {
    const step = stepOf(this.state);
    if (!step) return;
    const item = itemOf(step, this.state.item);
    this.tutor.report({
      type: "step_shown",
      step: itemKey(step, this.state.item),
      skill: step.skill,
      title: clip(step.title),
      skill_title: clip(step.skill_name),
      difficulty: item.difficulty,
      expected_s: item.expected_s ?? step.item.expected_s,
    });
  }

  private itemKeyNow(): string | null {
    const step = stepOf(this.state);
    return step && itemKey(step, this.state.item);
  }

  private render(): void {
    const { state, words, deeds, written } = this;
    const shown = { state, words, deeds, written, home: this.page.urls.home };
    render(lessonView({ ...shown, heard: this.tutor.hearsText }), this.root);
  }
}

/** As long as the protocol takes; it counts code points. */
function clip(title: string): string {
  return [...title].slice(0, EVENT_FIELDS.step_shown.title.maxLength).join("");
}

function newId(): string {
  // crypto.randomUUID exists only in secure contexts; a school's test server may have no TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
