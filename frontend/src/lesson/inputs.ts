import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import type { Choice, Content, Item } from "./content";
import { drag } from "./dragging";
import { read } from "./expression";
import { toMathml } from "./mathml";
import { keysOf, orderOf, toggled } from "./picking";
import type { Shown } from "./view";
import { fill } from "./words";

/** Where the answer is given; each kind has its own way. */
export function answerView(shown: Shown, item: Item): TemplateResult {
  switch (item.kind) {
    case "choice":
    case "several":
      return choicesView(shown, item);
    case "order":
      return orderView(shown, item);
    case "expression":
      return html`${typedView(shown, item)}${previewView(shown)}`;
    default:
      return typedView(shown, item);
  }
}

function typedView({ state, words, deeds }: Shown, item: Item): TemplateResult {
  const long = item.kind === "expression" || item.kind === "text";
  return html`<label class="lesson-label" for="lesson-input">${words.answer}</label>
    <input
      class="lesson-input ${long ? "wide" : ""}"
      id="lesson-input"
      type="text"
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      dir=${item.kind === "text" ? "auto" : "ltr"}
      aria-describedby="lesson-how"
      ?readonly=${state.right}
      .value=${live(state.answer)}
      @input=${(event: Event) => deeds.type((event.target as HTMLInputElement).value)}
    />
    <p class="lesson-how" id="lesson-how">${words.how[item.kind]}</p>`;
}

/** How the expression is read, while it is written; room is kept, so that nothing moves. */
function previewView({ state, words }: Shown): TemplateResult {
  const node = read(state.answer);
  return html`<div class="lesson-preview">
    <span class="lesson-how">${node ? words.readAs : state.answer.trim() ? words.notYetRead : ""}</span>
    <output for="lesson-input" dir="ltr" aria-live="off"
      >${node ? unsafeHTML(toMathml(node)) : nothing}</output
    >
  </div>`;
}

function choicesView({ state, words, deeds }: Shown, item: Item): TemplateResult {
  const several = item.kind === "several";
  const chosen = keysOf(state.answer);
  const choose = (key: string): void =>
    deeds.type(several ? toggled(item, state.answer, key) : key);
  return html`<fieldset class="lesson-choices">
    <legend>${words.answer}</legend>
    ${several ? html`<p class="lesson-how">${words.how.several}</p>` : nothing}
    ${item.choices.map(
      (choice) => html`<label class="lesson-choice"
        ><input
          type=${several ? "checkbox" : "radio"}
          name="answer"
          value=${choice.key}
          aria-label=${spoken(choice) ?? nothing}
          ?disabled=${state.right && !chosen.includes(choice.key)}
          .checked=${live(chosen.includes(choice.key))}
          @click=${(event: Event) => state.right && event.preventDefault()}
          @change=${() => choose(choice.key)}
        />
        ${choiceText(state.content, choice)}</label
      >`,
    )}
  </fieldset>`;
}

function orderView(shown: Shown, item: Item): TemplateResult {
  const { state, words, moved } = shown;
  const keys = orderOf(item, state.answer);
  return html`<fieldset class="lesson-choices">
    <legend>${words.answer}</legend>
    <p class="lesson-how" id="lesson-how">${words.how.order}</p>
    <ol class="lesson-order">
      ${repeat(
        keys.flatMap((key) => item.choices.find((choice) => choice.key === key) ?? []),
        (choice) => choice.key,
        (choice, place) => rowView(shown, choice, place, keys.length),
      )}
    </ol>
    <p class="lesson-heard" role="status">${moved}</p>
  </fieldset>`;
}

function rowView({ state, words, deeds }: Shown, choice: Choice, place: number, total: number) {
  const move = (to: number): void => deeds.move(choice.key, to);
  // Not `disabled` at the ends: whoever moves a row with the keyboard stays on its button.
  const button = (by: -1 | 1, label: string, arrow: string): TemplateResult => html`<button
    class="lesson-move"
    type="button"
    aria-label=${fill(label, { what: choice.label })}
    aria-disabled=${state.right || place + by < 0 || place + by >= total}
    @click=${() => move(place + by)}
  >
    <span aria-hidden="true">${arrow}</span>
  </button>`;
  return html`<li>
    <span
      class="lesson-grip"
      aria-hidden="true"
      @pointerdown=${(event: PointerEvent) => state.right || drag(event, move)}
      >⠿</span
    >
    ${choiceText(state.content, choice)}
    <span class="lesson-moves"
      >${button(-1, words.moveUp, "↑")}${button(1, words.moveDown, "↓")}</span
    >
  </li>`;
}

/** Mathematics gives a control no name of its own everywhere. */
function spoken(choice: Choice): string | null {
  return /<math|class="tex/.test(choice.html) ? choice.label : null;
}

function choiceText({ language, direction }: Content, choice: Choice): TemplateResult {
  return html`<span class="lesson-choice-text" lang=${language} dir=${direction}>${unsafeHTML(choice.html)}</span>`;
}
