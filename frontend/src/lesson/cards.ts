import { html, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import type { Step } from "./content";
import type { Shown } from "./view";
import { fill } from "./words";

/** What is laid over the step for a moment; the step behind it stays as it is. */
export function cardView(shown: Shown, step: Step): TemplateResult {
  switch (shown.state.card) {
    case "break":
      return breakCard(shown);
    case "probe":
      return probeCard(shown, step);
    default:
      return choiceCard(shown);
  }
}

function breakCard({ words, deeds, awayMin }: Shown): TemplateResult {
  return html`<h2 tabindex="-1">${words.breakTitle}</h2>
    <p>${words.breakText}</p>
    <p class="lesson-away">${awayMin > 0 ? fill(words.away, { n: awayMin }) : ""}</p>
    <div class="lesson-buttons">
      <button class="lesson-button primary" type="button" @click=${() => deeds.card("none")}>
        ${words.resume}
      </button>
    </div>`;
}

function choiceCard({ words, deeds }: Shown): TemplateResult {
  const takeHint = (): void => {
    deeds.card("none");
    deeds.hint();
  };
  return html`<h2 tabindex="-1">${words.choiceTitle}</h2>
    <div class="lesson-buttons">
      <button class="lesson-button primary" type="button" @click=${() => deeds.card("none")}>
        ${words.keep}
      </button>
      <button class="lesson-button" type="button" @click=${takeHint}>${words.takeHint}</button>
      <button class="lesson-button" type="button" @click=${deeds.skip}>${words.skip}</button>
    </div>`;
}

function probeCard({ state, words, deeds }: Shown, step: Step): TemplateResult {
  const compare = (event: Event): void => {
    event.preventDefault();
    const area = (event.target as HTMLFormElement).querySelector("textarea");
    deeds.probe(area?.value.trim() ?? "");
  };
  return html`<h2 tabindex="-1">${words.probeTitle}</h2>
    <div class="lesson-text" lang=${state.content.language} dir=${state.content.direction}>${unsafeHTML(step.item.html)}</div>
    <form class="lesson-answer" @submit=${compare}>
      <label class="lesson-label" for="lesson-why">${words.probeText}</label>
      <textarea class="lesson-area" id="lesson-why" maxlength="2000"></textarea>
      <div class="lesson-buttons">
        <button class="lesson-button primary" type="submit">${words.compare}</button>
        <button class="lesson-button" type="button" @click=${() => deeds.card("none")}>
          ${words.close}
        </button>
      </div>
    </form>`;
}
