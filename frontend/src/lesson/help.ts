import { html, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import type { Step } from "./content";
import { hintsOf } from "./state";
import type { Shown } from "./view";
import { fill } from "./words";

/** Everything that was asked for or taken, below the answer, so that the answer does not move. */
export function helpView(shown: Shown, step: Step): TemplateResult {
  const { state, words } = shown;
  const hints = hintsOf(state).slice(0, state.hints);
  return html`${hints.map((hint, index) => block(shown, "hint", fill(words.hintN, { n: index + 1 }), hint))}
  ${step.examples.slice(0, state.examples).map((e) => block(shown, "example", words.example, e))}
  ${state.worked ? block(shown, "worked", words.worked, step.worked, similarButton(shown, step)) : nothing}`;
}

function block(
  shown: Shown,
  kind: string,
  title: string,
  text: string,
  after: unknown = nothing,
): TemplateResult {
  return html`<section class="lesson-help ${kind}">
    <h3 tabindex="-1">${title}</h3>
    <div lang=${shown.state.content.language} dir=${shown.state.content.direction}>${unsafeHTML(text)}</div>
    ${after}
  </section>`;
}

function similarButton({ state, words, deeds }: Shown, step: Step): unknown {
  if (!step.siblings.similar_item || state.right) return nothing;
  return html`<div class="lesson-buttons">
    <button class="lesson-button primary" type="button" @click=${deeds.similar}>
      ${words.similar}
    </button>
  </div>`;
}

/** A line to say what is unclear; only where somebody takes it. */
export function writeView({ heard, written, words, deeds }: Shown): unknown {
  if (!heard) return nothing;
  const send = (event: Event): void => {
    event.preventDefault();
    const area = (event.target as HTMLFormElement).querySelector("textarea");
    if (!area?.value.trim()) return;
    deeds.write(area.value.trim());
    area.value = "";
  };
  return html`<details class="lesson-write">
    <summary>${words.write}</summary>
    <form @submit=${send}>
      <label class="lesson-label" for="lesson-unclear">${words.writeLabel}</label>
      <textarea
        class="lesson-area"
        id="lesson-unclear"
        maxlength="2000"
        aria-describedby="lesson-unclear-how"
      ></textarea>
      <p class="lesson-how" id="lesson-unclear-how">${words.writeHow}</p>
      <div class="lesson-buttons">
        <button class="lesson-button" type="submit">${words.send}</button>
      </div>
      <p class="lesson-how" role="status">${written ? words.sent : ""}</p>
    </form>
  </details>`;
}
