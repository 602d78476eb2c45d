import { html, nothing, type TemplateResult } from "lit";
import type { Learner } from "../core/learner";
import type { Words } from "../core/words";
import type { AdaptationMessage } from "../protocol";

/** One offer beside the lesson: it can be taken, waved away, or simply left alone. */
export function offerCard(
  offer: AdaptationMessage,
  why: boolean,
  also: readonly string[],
  shortcuts: boolean,
  learner: Learner,
  words: Words,
  about: string,
): TemplateResult {
  const { t } = words;
  const key = (n: number): TemplateResult | typeof nothing =>
    shortcuts && n <= 9 ? html`<kbd aria-hidden="true">${n}</kbd>` : nothing;
  return html`<div class="card" id="offer" role="group" aria-label=${t.offer.label}>
    <p class="message">${words.message(offer)}</p>
    <div class="row">
      ${offer.choices.map(
        (choice, index) => html`<button type="button" class="take" data-choice=${choice}
          @click=${() => learner.take(choice)}>${key(index + 1)}${t.choices[choice]}</button>`,
      )}
      <button type="button" id="fine" @click=${() => learner.dismiss()}>
        ${shortcuts ? html`<kbd aria-hidden="true">Esc</kbd>` : nothing}${t.offer.fine}
      </button>
    </div>
    <div class="row foot">
      <button type="button" class="quiet" id="why" aria-expanded=${why} aria-controls="reasons"
        @click=${() => learner.why()}>${t.offer.why}</button>
      <button type="button" class="quiet" id="wrong" @click=${() => learner.wrong()}>
        ${t.offer.wrong}
      </button>
    </div>
    <div id="reasons" ?hidden=${!why}>
      ${why ? reasons(offer, words) : nothing}
      <div aria-live="polite">${why ? noticed(also, words) : nothing}</div>
      ${why ? more(about, words) : nothing}
    </div>
  </div>`;
}

/** In a tab of its own: the lesson goes on in this one. */
function more(about: string, words: Words): TemplateResult {
  return html`<p class="small"><a id="about" href=${about} target="_blank" rel="noopener"
    >${words.t.offer.about}</a></p>`;
}

function reasons(offer: AdaptationMessage, words: Words): TemplateResult {
  const { t } = words;
  if (offer.evidence.length === 0) return html`<p class="small">${t.offer.whyNothing}</p>`;
  return html`<p class="small">${t.offer.whyLead}</p>
    <ul class="reasons">
      ${offer.evidence.map((item) => {
        const { what, value, usual } = words.evidence(item);
        return html`<li>
          ${what}${value ? html`: <strong>${value}</strong>` : nothing}${usual ? ` (${usual})` : ""}
        </li>`;
      })}
    </ul>`;
}

/** Names that this page has no words for (a newer server's) are left out. */
function noticed(claims: readonly string[], { t }: Words): TemplateResult | typeof nothing {
  const known = claims.map((claim) => (t.claims as Record<string, string>)[claim]).filter(Boolean);
  if (known.length === 0) return nothing;
  return html`<p class="small">${t.offer.whyAlso}</p>
    <ul class="reasons" id="also">${known.map((claim) => html`<li>${claim}</li>`)}</ul>`;
}
