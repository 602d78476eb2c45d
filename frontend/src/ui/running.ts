import { html, nothing, type SVGTemplateResult, type TemplateResult } from "lit";
import type { Learner } from "../core/learner";
import { badQuality, inUse, isSensor, type LearnerState } from "../core/state";
import type { Words } from "../core/words";
import type { Modality } from "../protocol";
import { contactCard } from "./contact";
import { modalityIcon, pauseIcon, playIcon, stopIcon } from "./icons";
import { offerCard } from "./offer";
import { FEELINGS } from "./shortcuts";

interface View {
  state: LearnerState;
  learner: Learner;
  words: Words;
  shortcuts: boolean;
  /** Address of the page about the help. */
  about: string;
  setShortcuts(on: boolean): void;
}

const CODES: Readonly<Record<number, string>> = {
  4401: "not_signed_in",
  4403: "not_allowed",
  4404: "unknown_session",
  4409: "session_replaced",
  4429: "too_many_messages",
  4430: "too_many_sessions",
};

/** The lesson runs: what is in use, one tap to say how it goes, and below them room for an offer. */
export function running(view: View): TemplateResult {
  return html`<div class="box">${bar(view)}${always(view)}</div>
    <div class="slot ${hasOffers(view.state) ? "" : "short"}" tabindex="-1">${slot(view)}</div>`;
}

/** While nothing is in use there will be no offer, and no room need be kept for one. */
function hasOffers(state: LearnerState): boolean {
  if (state.contact) return true;
  if (state.use !== "on" || state.link === "closed") return false;
  return inUse(state).length > 0 || state.link !== "open";
}

/** One quiet line, or nothing: what the learner should know, most important first. */
export function line(state: LearnerState, words: Words): string {
  const { t } = words;
  if (state.link === "closed") return words.error(closeReason(state.closeCode));
  if (state.error) return words.error(state.error);
  if (state.link === "waiting") return t.panel.waiting;
  const told = brief(state, words);
  if (told) return told;
  const bad = badQuality(state);
  return bad ? t.quality[bad] : "";
}

/** What stands for seconds and goes by itself. */
function brief({ note, quiet }: LearnerState, words: Words): string {
  if (note) return words.t.notes[note];
  return quiet ? words.message(quiet) : "";
}

function closeReason(code: number | null): string {
  return CODES[code ?? 0] ?? "server";
}

function bar(view: View): TemplateResult {
  return html`<div class="bar">
    <div class="use">${usage(view)}</div>
    <div class="buttons">${controls(view)}</div>
  </div>`;
}

function usage({ state, words }: View): TemplateResult {
  const { t } = words;
  const used = inUse(state);
  const said =
    state.use === "paused"
      ? t.panel.paused
      : state.use === "stopped"
        ? t.panel.stopped
        : state.link === "connecting" && used.length === 0
          ? t.panel.connecting
          : whyNothing(state, words);
  if (used.length === 0)
    return html`<span class="dot off"></span><span class="said">${said}</span>`;
  return html`<span class="dot"></span><span class="muted">${t.panel.using}</span>
    <ul id="in-use">${grouped(used).map(
      (modality) => html`<li data-modality=${modality}>
        ${modalityIcon[modality]}${isSensor(modality) ? t.choose.name[modality] : t.panel.activity}
      </li>`,
    )}</ul>`;
}

/** A teacher's pause is told as what it is. */
function whyNothing({ setup }: LearnerState, words: Words): string {
  const paused = setup?.rules.some((rule) => rule.reason === "course_paused");
  const nothing = words.t.panel.nothing;
  return paused ? `${nothing} ${words.reason("course_paused")}` : nothing;
}

/** Answers, messages and taps are one thing to the eye: lesson activity. */
function grouped(used: readonly Modality[]): readonly Modality[] {
  const sensors = used.filter(isSensor);
  return used.length > sensors.length ? [...sensors, "interaction"] : sensors;
}

function controls({ state, learner, words: { t } }: View): TemplateResult | typeof nothing {
  if (state.link === "closed")
    return html`<button type="button" id="use-here" @click=${() => learner.useHere()}>
      ${state.closeCode === 4409 ? t.panel.useHere : t.panel.tryAgain}
    </button>`;
  if (state.use === "stopped")
    return html`<button type="button" id="go-on" @click=${() => learner.goOnWithout()}>
        ${t.panel.goOnWithout}
      </button>
      <button type="button" id="choose-again" @click=${() => learner.chooseAgain()}>
        ${t.panel.chooseAgain}
      </button>`;
  // Nothing was agreed to, so there is nothing to pause and nothing to stop.
  if (state.use === "on" && state.link === "open" && state.allowed.length === 0) return nothing;
  const paused = state.use === "paused";
  return html`<button type="button" id="pause" @click=${() => learner.pause(!paused)}>
      ${paused ? playIcon : pauseIcon}${paused ? t.panel.resume : t.panel.pause}
    </button>
    <button type="button" id="stop" @click=${() => learner.stop()}>
      ${stopIcon}${t.panel.stop}
    </button>`;
}

function slot(view: View): TemplateResult {
  const { state, learner, words, shortcuts, about } = view;
  const contact = state.contact ? contactCard(state.contact, learner, words) : nothing;
  if (state.offer)
    return html`${contact}${offerCard(state.offer, state.why, state.also, shortcuts, learner, words, about)}`;
  const told = line(state, words);
  return html`${contact}${told ? html`<p class=${state.note === null && state.quiet === null ? "line" : "muted"}>${told}</p>` : nothing}
`;
}

/** What stays at its place whatever comes and goes below it. */
function always(view: View): TemplateResult | typeof nothing {
  const [asked, rest] = [feel(view), more(view)];
  if (asked === nothing && rest === nothing) return nothing;
  return html`<div class="always">${asked}${rest}</div>`;
}

/** Whether the learner may say with one tap how it goes. */
export function asksHow(state: LearnerState): boolean {
  return state.use === "on" && state.link !== "closed" && state.allowed.includes("self_report");
}

function feel({ state, learner, words: { t } }: View): TemplateResult | typeof nothing {
  if (!asksHow(state)) return nothing;
  return html`<div class="feel" role="group" aria-labelledby="feel">
    <span id="feel" class="muted">${t.panel.feel}</span>
    ${FEELINGS.map(
      (feeling) => html`<button type="button" data-feeling=${feeling}
        @click=${() => learner.feel(feeling)}>${t.feelings[feeling]}</button>`,
    )}
  </div>`;
}

function more(view: View): TemplateResult | typeof nothing {
  const { state, learner, words } = view;
  if (state.use === "stopped" || state.link === "closed") return nothing;
  return html`<div class="row more">
    <button type="button" class="quiet" id="change" @click=${() => learner.chooseAgain()}>
      ${words.t.panel.change}
    </button>
    <details class="keys">
      <summary>${words.t.panel.keys}</summary>
      <label>
        <input type="checkbox" id="shortcuts" .checked=${view.shortcuts}
          @change=${(event: Event) => view.setShortcuts((event.target as HTMLInputElement).checked)}
        />
        ${words.t.panel.shortcuts}
      </label>
    </details>
  </div>`;
}

/**
 * The panel's deputy at the lower edge while the panel itself is out of sight. An offer changes its
 * words, never its size: nothing is covered that was not covered before.
 */
export function pill(view: View, show: () => void): TemplateResult | typeof nothing {
  const { state, learner, words } = view;
  const { t } = words;
  const used = inUse(state).filter(isSensor);
  const held = state.offer ?? state.contact;
  const told = held ? "" : brief(state, words);
  if (used.length === 0 && !held && !asksHow(state)) return nothing;
  return html`<div class="pill" role="group" aria-label=${t.panel.label}>
    ${told ? html`<p class="muted">${told}</p>` : nothing}
    <div>
      ${used.map((sensor) => modalityIcon[sensor])}
      ${
        held || asksHow(state)
          ? html`<button type="button" class=${held ? "main" : ""} id="show" @click=${show}>
              ${state.contact ? t.contact.label : state.offer ? t.offer.label : t.panel.feel}
            </button>`
          : nothing
      }
      ${
        used.length > 0
          ? html`${small(t.panel.pause, pauseIcon, () => learner.pause(true))}
              ${small(t.panel.stop, stopIcon, () => learner.stop())}`
          : nothing
      }
    </div>
  </div>`;
}

function small(label: string, icon: SVGTemplateResult, act: () => void): TemplateResult {
  return html`<button type="button" aria-label=${label} title=${label} @click=${act}>
    ${icon}
  </button>`;
}
