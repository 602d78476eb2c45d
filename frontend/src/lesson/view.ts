import { html, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { cardView } from "./cards";
import type { Item, NextItem, Step } from "./content";
import { helpView, writeView } from "./help";
import { answerView } from "./inputs";
import {
  answerable,
  type Feedback,
  following,
  gone,
  hintsOf,
  itemNow,
  leadsBack,
  type State,
  stepOf,
} from "./state";
import { fill, type Words } from "./words";

/** What the learner can do; the player carries it out. */
export interface Deeds {
  type(text: string): void;
  /** Puts what is to be sorted at another place. */
  move(key: string, to: number): void;
  submit(): void;
  next(): void;
  open(slug: string): void;
  hint(): void;
  part(): void;
  similar(): void;
  backToStep(): void;
  card(card: State["card"]): void;
  skip(): void;
  /** Leaves out the rest of a finished skill. */
  skipRest(): void;
  write(text: string): void;
  probe(text: string): void;
}

export interface Shown {
  readonly state: State;
  readonly words: Words;
  readonly deeds: Deeds;
  readonly home: string;
  /** Whether written messages have a reader. */
  readonly heard: boolean;
  readonly written: boolean;
  /** What a screen reader is told after something was moved. */
  readonly moved: string;
  /** Whole minutes of the break so far. */
  readonly awayMin: number;
}

export function lessonView(shown: Shown): TemplateResult {
  const step = stepOf(shown.state);
  return html`${progressView(shown)}
    <article class="lesson-card ${shown.state.card === "break" ? "lesson-break" : ""}" id="lesson-step">
      ${step ? stepView(shown, step) : doneView(shown)}
    </article>
    ${stepsView(shown)}`;
}

function progressView({ state, words }: Shown): TemplateResult {
  const values = { n: state.solved.length, total: state.content.steps.length };
  return html`<div class="lesson-progress">
    <progress max=${values.total} value=${values.n} aria-label=${words.solvedLabel}></progress>
    <span>${fill(words.solvedOf, values)}</span>
  </div>`;
}

function doneView({ state, words, home }: Shown): TemplateResult {
  const all = state.solved.length >= state.content.steps.length;
  return html`<h2 tabindex="-1">${all ? words.done : words.doneForNow}</h2>
    <p>${words.doneText}</p>
    <p><a class="lesson-link" href=${home}>${words.home}</a></p>`;
}

function stepView(shown: Shown, step: Step): TemplateResult {
  const { state, words } = shown;
  if (state.card !== "none") return cardView(shown, step);
  const place = state.content.steps.indexOf(step) + 1;
  const where = { n: place, total: state.content.steps.length, skill: step.skill_name };
  const item = itemNow(state) ?? step.item;
  return html`<p class="lesson-where">${fill(words.where, where)}</p>
    ${
      state.item === "step"
        ? html`<h2 tabindex="-1" lang=${state.content.language} dir=${state.content.direction}>${step.title}</h2>`
        : html`<h2 tabindex="-1">${words.kinds[state.item]}</h2>`
    }
    ${state.chosen?.why ? whyView(shown, state.chosen) : nothing}
    ${state.strategy ? lineView(shown, step) : nothing}
    <div class="lesson-text" lang=${state.content.language} dir=${state.content.direction}>${promptView(shown, step, item)}</div>
    ${answerable(state) ? formView(shown, item) : partView(shown)}
    <div class="lesson-feedback" role="status">${feedbackView(state.feedback, words)}</div>
    ${nextView(shown)}${helpView(shown, step)}${writeView(shown)}`;
}

function whyView({ words, deeds }: Shown, chosen: NextItem): TemplateResult {
  return html`<p class="lesson-why">
    ${chosen.why}
    ${
      chosen.may_skip
        ? html`<button class="lesson-button plain" type="button" @click=${deeds.skipRest}>
            ${words.skipRest}
          </button>`
        : nothing
    }
  </p>`;
}

function lineView({ state, words }: Shown, step: Step): TemplateResult {
  return html`<p class="lesson-line" id="lesson-line" tabindex="-1">
    <strong>${words.wayIn}</strong>
    <span lang=${state.content.language} dir=${state.content.direction}>${unsafeHTML(step.strategy)}</span>
  </p>`;
}

function promptView({ state, words }: Shown, step: Step, item: Item): unknown {
  if (state.segments === null) return unsafeHTML(item.html);
  const total = step.segments.length;
  return step.segments.slice(0, state.segments).map(
    (part, index) => html`<div
      class="lesson-segment"
      role="group"
      tabindex="-1"
      aria-label=${fill(words.partN, { n: index + 1, total })}
    >
      ${unsafeHTML(part)}
    </div>`,
  );
}

function partView({ words, deeds }: Shown): TemplateResult {
  return html`<div class="lesson-buttons">
    <button class="lesson-button primary" type="button" @click=${deeds.part}>${words.part}</button>
  </div>`;
}

function formView(shown: Shown, item: Item): TemplateResult {
  const { state, words, deeds } = shown;
  const submit = (event: Event): void => {
    event.preventDefault();
    deeds.submit();
  };
  return html`<form class="lesson-answer" @submit=${submit}>
    ${answerView(shown, item)}
    <div class="lesson-buttons" ?hidden=${state.right || gone(state)}>
      <button class="lesson-button primary" type="submit" aria-disabled=${state.sending}>
        ${words.check}
      </button>
      ${hintButton(shown)}
    </div>
  </form>`;
}

/** The ladder: a hint, another hint, then the step worked out; then there is no more to ask for. */
function hintButton({ state, words, deeds }: Shown): TemplateResult | typeof nothing {
  const rungs = hintsOf(state).length;
  const up = state.hints < rungs;
  if (!up && (state.item !== "step" || state.worked)) return nothing;
  const label = up ? (state.hints === 0 ? words.hint : words.moreHint) : words.workedAsk;
  return html`<button
    class="lesson-button ${state.glow ? "glow" : ""}"
    type="button"
    @click=${deeds.hint}
  >
    ${label}
  </button>`;
}

function feedbackView(feedback: Feedback | null, words: Words): unknown {
  if (!feedback) return nothing;
  if (feedback.tone === "fault")
    return html`<p class="fault">${words.faults[feedback.code] ?? words.faults.other}</p>`;
  return html`<p class=${feedback.tone === "right" ? "success" : "info"}>
    ${unsafeHTML(feedback.html)}
  </p>`;
}

function nextView({ state, words, deeds }: Shown): unknown {
  if (state.right || gone(state)) {
    const last = following(state) === null;
    const label = leadsBack(state) && state.right ? words.back : last ? words.finish : words.next;
    return html`<div class="lesson-buttons">
      <button class="lesson-button primary" id="lesson-next" type="button" @click=${deeds.next}>
        ${label}
      </button>
    </div>`;
  }
  if (state.item === "step") return nothing;
  return html`<button class="lesson-button plain" type="button" @click=${deeds.backToStep}>
    ${words.usual}
  </button>`;
}

function stepsView({ state, words, deeds }: Shown): TemplateResult {
  const label = (step: Step, index: number): string => {
    const text = state.solved.includes(step.slug) ? words.stepSolved : words.stepNumber;
    return fill(text, { n: index + 1, title: step.title });
  };
  return html`<nav aria-label=${words.steps}>
    <ol class="lesson-steps">
      ${state.content.steps.map(
        (step, index) => html`<li>
          <button
            type="button"
            class=${state.solved.includes(step.slug) ? "solved" : ""}
            aria-label=${label(step, index)}
            title=${step.title}
            aria-current=${step.slug === state.slug ? "step" : nothing}
            @click=${() => deeds.open(step.slug)}
          >
            ${index + 1}
          </button>
        </li>`,
      )}
    </ol>
  </nav>`;
}
