import { render } from "lit";
import { type AdaptationKind, EVENT_FIELDS } from "../protocol";
import { actionsFor } from "./adapt";
import { type LessonApi, LessonError } from "./api";
import { Clock } from "./clock";
import {
  type Adaptation,
  type Content,
  itemKey,
  itemOf,
  type NextItem,
  type Page,
} from "./content";
import { Drafts } from "./drafts";
import { Focus } from "./focus";
import { given, moved, orderOf } from "./picking";
import {
  type Action,
  begin,
  gone,
  hintsOf,
  itemNow,
  leadsBack,
  nextUnsolved,
  reduce,
  revealed,
  type State,
  stepOf,
} from "./state";
import { Tex } from "./tex";
import type { Tutor } from "./tutor";
import { type Deeds, lessonView } from "./view";
import { fill, type Words } from "./words";

const AWAY_TICK_MS = 10_000;
/** After the quick tries have failed: so often an answer that could not be sent goes out again. */
const TRY_AGAIN_MS = 5_000;
/** Codes that say that the lesson has been edited under the learner's hands. */
const EDITED = new Set(["step_changed", "unknown_variant"]);

/** One lesson on one page: the state, its picture, and what goes out. */
export class Player {
  private state: State;
  private readonly clock = new Clock();
  private readonly focus: Focus;
  private written = false;
  private moved = "";
  private readonly tex: Tex;
  private readonly drafts: Drafts;
  /** Since when there is a break, on this page's clock. */
  private awaySinceMs: number | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;
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
    this.state = begin(content, page.solved, page.opening);
    this.focus = new Focus(root);
    this.tex = new Tex(page.urls.math);
    this.drafts = new Drafts(`${page.learner}:${content.lesson}`);
  }

  start(answer: string): void {
    this.root.replaceChildren();
    if (answer) this.do({ do: "answer", text: answer });
    else this.render();
    this.shownAnew();
    this.tutor.onAdaptation((adaptation, choice) => this.adapt(adaptation, choice));
    this.tutor.onStatus(() => this.render());
    this.tutor.whenReady(() => this.reportStep());
    addEventListener("online", () => {
      if (this.state.feedback?.code === "network") void this.submit();
    });
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
    move: (key, to) => this.move(key, to),
    submit: () => void this.submit(),
    next: () => void this.next(),
    open: (slug) => this.change({ do: "open", slug, item: "step" }),
    hint: () => this.hint(),
    part: () => this.change({ do: "part" }),
    similar: () => this.change({ do: "sibling", item: "similar_item" }),
    backToStep: () => this.change({ do: "sibling", item: "step" }),
    card: (card) => this.change({ do: "card", card }),
    skip: () => void this.leave(),
    skipRest: () => {
      this.do({ do: "leave_out", skill: this.state.chosen?.skill ?? "" });
      void this.goOn();
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
    if (!step || !item || state.sending || state.right || gone(state)) return;
    const answer = given(item, state.answer);
    if (!answer.trim()) return;
    const key = itemKey(step, state.item);
    const took_s = this.clock.seconds;
    this.do({ do: "sending" });
    try {
      const mark = await this.api.answer(
        {
          attempt: this.attemptFor(key, answer),
          step: step.slug,
          variant: item.variant,
          version: item.version,
          answer,
          took_s,
          hints: state.hints,
          revealed: revealed(state),
          pace: state.pace,
          skipped: state.skipped,
        },
        () => this.itemKeyNow() === key && this.do({ do: "retrying" }),
      );
      this.pending = null;
      if (mark.correct) this.drafts.forget(key);
      if (this.itemKeyNow() !== key) return this.do({ do: "solved", solved: mark.solved });
      const shown = revealed(this.state);
      this.do({ do: "marked", marked: mark });
      this.clock.restart(); // the next try has its own time
      this.focus.afterMark(mark.correct);
      if (mark.counted)
        this.tutor.report({
          type: "answer",
          step: key,
          skill: step.skill,
          correct: mark.correct,
          took_s,
          answer: mark.normalised.slice(0, 100),
          revealed: shown,
          expected_p: mark.expected_p,
        });
    } catch (error) {
      await this.refused(key, error);
    }
  }

  /** What was written stays; a question that was edited meanwhile is shown as it is now. */
  private async refused(key: string, error: unknown): Promise<void> {
    let code = error instanceof LessonError ? error.code : "other";
    if (EDITED.has(code)) {
      this.pending = null;
      const content = await this.api.content().catch(() => null);
      if (this.itemKeyNow() !== key) return;
      if (content) this.change({ do: "fault", code }, { do: "content", content });
      else code = "network";
    }
    if (this.itemKeyNow() === key && !EDITED.has(code)) this.do({ do: "fault", code });
    if (code === "network") setTimeout(() => this.tryAgain(key), TRY_AGAIN_MS);
  }

  /** As it was sent: what the learner is writing instead waits for them. */
  private tryAgain(key: string): void {
    const item = itemNow(this.state);
    const same = item && this.pending?.answer === given(item, this.state.answer);
    if (same && this.itemKeyNow() === key && this.state.feedback?.code === "network")
      void this.submit();
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

  private move(key: string, to: number): void {
    const item = itemNow(this.state);
    if (!item || this.state.right) return;
    const before = orderOf(item, this.state.answer);
    const keys = moved(before, key, to);
    if (keys.join() === before.join()) return;
    const what = item.choices.find((choice) => choice.key === key)?.label ?? "";
    const place = { what, n: keys.indexOf(key) + 1, total: keys.length };
    this.moved = fill(this.words.movedTo, place);
    const focused = document.activeElement;
    this.do({ do: "answer", text: keys.join(" ") });
    // A row that was moved in the page has lost the focus of its button.
    if (focused instanceof HTMLElement && this.root.contains(focused))
      focused.focus({ preventScroll: true });
  }

  private async next(): Promise<void> {
    if (gone(this.state)) {
      const content = await this.api.content().catch(() => null);
      if (!content) return this.do({ do: "fault", code: "unknown_step" });
      const { solved, slug } = this.state;
      const there = new Set(content.steps.map((step) => step.slug));
      const next = nextUnsolved(this.state.content, solved, slug, (step) => there.has(step.slug));
      return this.change({ do: "open", slug: next, content });
    }
    if (leadsBack(this.state)) this.change({ do: "open", slug: this.state.slug, item: "step" });
    else await this.goOn();
  }

  /** Leaves the step for now; a look back that is left does not come again at once. */
  private async leave(): Promise<void> {
    const { chosen, slug } = this.state;
    if (chosen?.reason === "review") this.do({ do: "leave_out", skill: chosen.skill });
    await this.goOn(slug ?? "");
  }

  /** To what the server chose; it is asked again where the pace has changed since. */
  private async goOn(leave = ""): Promise<void> {
    const { next, pace, skipped } = this.state;
    const known = next?.pace === pace && !leave ? next.item : null;
    const key = this.itemKeyNow();
    const chosen = known ?? (await this.api.next(pace, skipped, leave).catch(() => next?.item));
    if (this.itemKeyNow() !== key) return; // the learner has opened another one meanwhile
    if (chosen) return this.openChosen(chosen);
    const { content, solved, slug } = this.state;
    this.change({ do: "open", slug: nextUnsolved(content, solved, slug) });
  }

  /** A step that was written since the page was opened is fetched first. */
  private async openChosen(next: NextItem): Promise<void> {
    const known = this.state.content.steps.some((step) => step.slug === next.step);
    const content =
      known || next.step === null ? undefined : await this.api.content().catch(() => undefined);
    this.change(content ? { do: "chosen", next, content } : { do: "chosen", next });
  }

  // --- what follows a change --------------------------------------------------------------------

  private change(...actions: Action[]): void {
    const before = this.state;
    this.do(...actions);
    this.settle(before);
  }

  private do(...actions: Action[]): void {
    this.state = actions.reduce(reduce, this.state);
    const key = this.itemKeyNow();
    if (key && actions.some((action) => action.do === "answer"))
      this.drafts.keep(key, this.state.answer);
    this.render();
  }

  /** Clock, reports, address and focus follow what is on the screen. */
  private settle(before: State): void {
    const { state } = this;
    this.away(state.card === "break");
    if (state.slug !== before.slug || state.item !== before.item) this.shownAnew();
    this.focus.follow(before, state);
  }

  /** A break: nothing is counted, nothing is read, and how long it is so far is there to see. */
  private away(away: boolean): void {
    if (away === (this.awaySinceMs !== null)) return;
    this.clock.hold(away);
    this.tutor.pause(away);
    this.awaySinceMs = away ? Date.now() : null;
    clearInterval(this.ticking);
    if (away) this.ticking = setInterval(() => this.render(), AWAY_TICK_MS);
    this.render();
  }

  private shownAnew(): void {
    const kept = this.drafts.of(this.itemKeyNow() ?? "");
    if (kept && !this.state.answer) this.do({ do: "answer", text: kept });
    this.clock.restart();
    this.written = false;
    this.moved = "";
    this.reportStep();
    const { slug, item } = this.state;
    const query = new URLSearchParams(slug ? { step: slug } : {});
    if (slug && item !== "step") query.set("item", item);
    history.replaceState(history.state, "", `?${query}`);
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
    const { state, words, deeds, written, moved } = this;
    const awayMin = Math.floor((Date.now() - (this.awaySinceMs ?? Date.now())) / 60_000);
    const shown = { state, words, deeds, written, moved, awayMin, home: this.page.urls.home };
    render(lessonView({ ...shown, heard: this.tutor.hearsText }), this.root);
    void this.tex.draw(this.root);
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
