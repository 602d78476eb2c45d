import { html, type TemplateResult } from "lit";
import type { Learner } from "../core/learner";
import type { Words } from "../core/words";
import type { Contact } from "../protocol";

/** Somebody to talk to, in the school's own words; it stays until the learner puts it away. */
export function contactCard(contact: Contact, learner: Learner, words: Words): TemplateResult {
  const { t } = words;
  return html`<div class="card contact" id="contact" role="group" aria-label=${t.contact.label}>
    <p>${t.contact.lead}</p>
    <p class="message" dir="auto">${contact.text}</p>
    <div class="row">
      <button type="button" id="put-away" @click=${() => learner.closeContact()}>
        ${t.contact.close}
      </button>
    </div>
  </div>`;
}
