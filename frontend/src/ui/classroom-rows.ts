import { html, nothing, type TemplateResult } from "lit";
import { type Seen, sinceOf } from "../core/classroom";
import { fill, type Words } from "../core/words";
import type { LearnerRow } from "../protocol";
import { handIcon } from "./icons";

const CONFIDENCE = ["low", "medium", "high"] as const;
/** Shares of the last minute in which anything was measured, as words. */
const HARDLY = 0.05;
const MOSTLY = 0.6;
/** Done without asking anybody, so there is no answer to wait for. */
const UNASKED: ReadonlySet<string> = new Set([
  "slow_down",
  "speed_up",
  "hint_glow",
  "teacher_flag",
]);

/** Somebody who may need the teacher: who, what, why, since when, and what was tried. */
export function needRow(
  seen: Seen,
  words: Words,
  acknowledge: (row: LearnerRow) => void,
): TemplateResult {
  const { row } = seen;
  const { t } = words;
  const reasons = row.reasons.map((reason) => words.because(reason)).filter(Boolean);
  const by = row.acknowledged_by;
  return html`<li class="need ${by ? "mine" : ""}" data-need=${row.need}>
    <div class="about">
      <p class="who">
        <span class="name">${row.name}</span>
        <span class="what">${t.needs[row.need]}</span>
        <span class="muted small">${words.since(sinceOf(seen, Date.now()))}</span>
        ${by ? html`<span class="small">${fill(t.classroom.onItBy, { name: by })}</span>` : nothing}
        ${row.connected ? nothing : html`<span class="muted small">${t.classroom.away}</span>`}
      </p>
      ${reasons.length > 0 ? html`<p class="why">${reasons.join(" · ")}</p>` : nothing}
      <p class="meta">${meta(row, words)}</p>
    </div>
    <button type="button" class="onit" data-session=${row.session} aria-pressed=${by !== ""}
      @click=${() => acknowledge(row)}>
      ${by ? handIcon : nothing}${t.classroom.onIt}<span class="sr">: ${row.name}</span>
    </button>
  </li>`;
}

function meta(row: LearnerRow, { t }: Words): TemplateResult {
  return html`${row.step ? html`<span>${fill(t.classroom.step, { step: row.step })}</span>` : nothing}
    ${row.need === "idle" ? nothing : confidence(row, t)}
    <span>${coverage(row.coverage, t)}</span>
    ${row.last_adaptation ? html`<span>${last(row, t)}</span>` : nothing}`;
}

function confidence(row: LearnerRow, t: Words["t"]): TemplateResult {
  const level = CONFIDENCE.indexOf(row.confidence);
  return html`<span class="sure" title=${t.classroom.confidenceLabel}>
    ${CONFIDENCE.map((_, index) => html`<i class=${index <= level ? "on" : ""}></i>`)}
    ${t.classroom.confidence[row.confidence]}
  </span>`;
}

function coverage(share: number, { classroom }: Words["t"]): string {
  const { none, part, most } = classroom.coverage;
  return share < HARDLY ? none : share < MOSTLY ? part : most;
}

function last(row: LearnerRow, t: Words["t"]): string {
  if (!row.last_adaptation) return "";
  const outcome = t.classroom.outcomes[row.last_outcome ?? "open"];
  const what = t.adaptations[row.last_adaptation];
  const asked = !UNASKED.has(row.last_adaptation) || row.last_outcome;
  return fill(t.classroom.last, { what: asked ? `${what} – ${outcome}` : what });
}

/** Somebody who does well: a name, and the step where there is room for it. */
export function fineRow(row: LearnerRow, { t }: Words): TemplateResult {
  return html`<li title=${row.step ? `${row.name} – ${row.step}` : row.name}>
    <span class="name">${row.name}</span>
    <span class="muted">${row.connected ? row.step : t.classroom.away}</span>
  </li>`;
}
