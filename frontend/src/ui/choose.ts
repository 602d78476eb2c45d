import { html, nothing, type TemplateResult } from "lit";
import type { Learner } from "../core/learner";
import { SENSORS, type Sensor } from "../core/media";
import { isPermitted, isSensor, type LearnerState, lastTime, ruleOf } from "../core/state";
import { fill, type Words } from "../core/words";
import type { Catalogue } from "../locales/en";
import type { Modality } from "../protocol";
import { modalityIcon } from "./icons";

const ACTIVITY: readonly Modality[] = ["interaction", "text", "self_report"];

/** Reasons that are no refusal: somebody else is asked first. */
const ASKS: readonly string[] = ["needs_guardian", "needs_release"];

interface View {
  state: LearnerState;
  learner: Learner;
  words: Words;
}

/** The question in the words for the learner's age. */
function asked({ state, words }: View): Omit<Catalogue["choose"], "child"> {
  const { child, ...usual } = words.t.choose;
  return state.setup?.words === "child" ? { ...usual, ...child } : usual;
}

/** What may be used, and for what; nothing is ticked beforehand. */
export function choose(view: View): TemplateResult {
  const { state, words } = view;
  const { t } = words;
  const question = asked(view);
  return html`<form class="step" @submit=${(event: Event) => event.preventDefault()}>
    <header>
      <h2 tabindex="-1">${question.title}</h2>
      <p>${question.lead}</p>
      <p class="muted small">${question.equal}</p>
    </header>
    <fieldset>
      <legend>${t.choose.activity}</legend>
      <div class="choices">${ACTIVITY.map((modality) => choice(view, modality))}</div>
    </fieldset>
    <fieldset>
      <legend>${t.choose.sensors}</legend>
      <div class="choices">${SENSORS.map((sensor) => choice(view, sensor))}</div>
      ${
        SENSORS.some((sensor) => isPermitted(state.setup, sensor))
          ? html`<p class="muted small">${question.short}</p>`
          : nothing
      }
    </fieldset>
    ${about(view)}
    ${state.setup?.calibration.offered ? calibration(view) : nothing}
    ${state.error ? html`<p class="line">${words.error(state.error)}</p>` : nothing}
    ${state.nudge ? html`<p class="line" role="alert">${t.choose.nudge}</p>` : nothing}
    ${again(view)} ${ways(view)}
  </form>`;
}

function choice(view: View, modality: Modality): TemplateResult {
  const { state, learner, words } = view;
  const { t } = words;
  const name = html`<span class="name">${modalityIcon[modality]}${t.choose.name[modality]}</span>`;
  if (!isPermitted(state.setup, modality)) {
    const code = ruleOf(state.setup, modality)?.reason ?? "";
    const reason = words.reason(code);
    return html`<div class="choice forbidden" data-modality=${modality}>
      ${name}
      <p class="what">${ASKS.includes(code) ? reason : `${t.choose.forbidden}: ${reason}`}</p>
    </div>`;
  }
  return html`<div class="choice" data-modality=${modality}
    @click=${(event: Event) => clickThrough(event)}>
    <input
      type="checkbox"
      id=${modality}
      name=${modality}
      aria-describedby="what-${modality}"
      .checked=${state.ticked[modality]}
      @change=${(event: Event) =>
        learner.choosing.tick(modality, (event.target as HTMLInputElement).checked)}
    />
    <label for=${modality}>${name}</label>
  </div>`;
}

/** One step further, and never ticked unseen by a screen reader: what each of them is. */
function about(view: View): TemplateResult {
  const { state, words } = view;
  const { t } = words;
  const question = asked(view);
  const offered = [...ACTIVITY, ...SENSORS].filter((m) => isPermitted(state.setup, m));
  return html`<details class="about">
    <summary>${t.choose.about}</summary>
    ${offered.map(
      (modality) => html`<div>
        <h3>${t.choose.name[modality]}</h3>
        <p id="what-${modality}">${question.what[modality]}</p>
        ${isSensor(modality) ? facts(modality, words) : nothing}
      </div>`,
    )}
    <p class="muted">${question.activityHint}</p>
  </details>`;
}

/** A purpose of its own, asked apart from what the lesson uses; nobody needs it to go on. */
function calibration({ state, learner, words: { t } }: View): TemplateResult {
  return html`<fieldset>
    <legend>${t.choose.calibration.legend}</legend>
    <div class="choices">
      <div class="choice" @click=${(event: Event) => clickThrough(event)}>
        <input
          type="checkbox"
          id="calibration"
          name="calibration"
          aria-describedby="what-calibration"
          .checked=${state.calibration}
          @change=${(event: Event) =>
            learner.choosing.tickCalibration((event.target as HTMLInputElement).checked)}
        />
        <label for="calibration"><span class="name">${t.choose.calibration.name}</span></label>
        <p class="what" id="what-calibration">${t.choose.calibration.what}</p>
      </div>
    </div>
    <p class="muted small">${t.choose.calibration.hint}</p>
  </fieldset>`;
}

/** The whole card is the checkbox's target, without making its small print part of the name. */
function clickThrough(event: Event): void {
  const target = event.target as Element;
  if (target.closest("input, label")) return;
  (event.currentTarget as Element).querySelector("input")?.click();
}

function facts(sensor: Sensor, { t }: Words): TemplateResult {
  const rows = ["leaves", "kept", "sees"] as const;
  return html`<dl class="facts">
    ${rows.map(
      (row) => html`<div>
        <dt>${t.choose.facts[row]}</dt>
        <dd>${t.choose.fact[sensor][row]}</dd>
      </div>`,
    )}
  </dl>`;
}

/** Two ways on, of equal weight; one where neither sensor may be offered. */
function ways(view: View): TemplateResult {
  const { state, learner, words } = view;
  const { t } = words;
  if (!SENSORS.some((sensor) => isPermitted(state.setup, sensor)))
    return html`<div class="ways">
      ${way(t.choose.start, "without", state.busy, () => learner.choosing.proceed(false))}
    </div>`;
  return html`<div class="ways two">
    ${way(t.choose.without, "without", state.busy, () => learner.choosing.proceed(false))}
    ${way(withLabel(view), "with", state.busy, () => learner.choosing.proceed(true))}
  </div>`;
}

function way(label: string, id: string, busy: boolean, go: () => unknown): TemplateResult {
  return html`<button type="button" id=${id} aria-disabled=${busy} @click=${go}>${label}</button>`;
}

function withLabel({ state, words: { t } }: View): string {
  const { face, voice } = state.ticked;
  if (face && voice) return t.choose.withBoth;
  if (face) return t.choose.withCamera;
  return voice ? t.choose.withMicrophone : t.choose.withSensors;
}

function again({ state, learner, words }: View): TemplateResult | typeof nothing {
  const used = lastTime(state.setup);
  if (used.length === 0) return nothing;
  const list = words.list(used.map((modality) => words.t.modality[modality]));
  return html`<button type="button" class="quiet again" id="again" aria-disabled=${state.busy}
    @click=${() => learner.choosing.asLastTime()}>
    ${fill(words.t.choose.again, { list })}
  </button>`;
}
