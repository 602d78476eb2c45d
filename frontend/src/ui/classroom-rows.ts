import { html, nothing, type TemplateResult } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import { inNeed, type Seen, sinceOf } from "../core/classroom";
import { WELL } from "../core/order";
import { fill, type Words } from "../core/words";
import type { LearnerRow } from "../protocol";
import { eyeIcon, handIcon, raisedIcon } from "./icons";

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

/** What a tile needs to know besides its learner. */
export interface Place {
  readonly words: Words;
  readonly nowMs: number;
  /** The address of what happened in a session; none where the host has no such page. */
  href(session: string): string | undefined;
  /** Tab stops here; arrow keys go on from it. */
  readonly current: boolean;
  /** This teacher has seen it. */
  readonly quiet: boolean;
  /** Taking on, or giving back, is on its way. */
  readonly asked: boolean;
}

/** Somebody who may need the teacher: who, what, why, since when, and what was tried. */
export function needTile(seen: Seen, place: Place): TemplateResult {
  const { row } = seen;
  const { words, quiet } = place;
  const { t } = words;
  const by = row.acknowledged_by;
  const reasons = row.reasons.map((reason) => words.because(reason));
  const why = [...reasons, last(row, t)].filter(Boolean).join(" · ");
  return html`<li class="tile ${by ? "mine" : ""} ${quiet ? "quieted" : ""}" data-need=${row.need}
    data-session=${row.session}>
    <div class="about">
      <p class="who">
        ${name(row, place)}
        ${row.connected ? nothing : html`<span class="small away">${t.classroom.away}</span>`}
        ${
          WELL.has(row.need)
            ? nothing
            : html`<span class="ago">${words.since(sinceOf(seen, place.nowMs))}</span>`
        }
      </p>
      <div class="lines">
        <p class="state">
          ${by ? html`<strong>${fill(t.classroom.onItBy, { name: by })}</strong>` : nothing}
          <span class="what">${t.needs[row.need]}</span>
          ${inNeed(row) && row.need !== "call" ? confidence(row, t) : nothing}
        </p>
        ${why ? html`<p class="why" title=${why}>${why}</p>` : nothing}
      </div>
      <p class="meta">${meta(row, words)}</p>
    </div>
    <div class="do">
      <button type="button" class="onit" aria-pressed=${by !== ""} aria-busy=${place.asked}
        tabindex=${place.current ? 0 : -1} title=${t.classroom.onItHint}>
        ${by ? handIcon : raisedIcon}<span class="label">${t.classroom.onIt}</span
        ><span class="sr">: ${row.name}</span>
      </button>
      <button type="button" class="seen" aria-pressed=${quiet}
        tabindex=${place.current ? 0 : -1} title=${t.classroom.seenHint}>
        ${eyeIcon}<span class="label">${t.classroom.seen}</span><span class="sr">: ${row.name}</span>
      </button>
    </div>
  </li>`;
}

function name(row: LearnerRow, { href, current, words }: Place): TemplateResult {
  const to = href(row.session);
  return html`<a class="name" dir="auto" href=${ifDefined(to)} tabindex=${current ? 0 : -1}>${row.name}${
    to ? html`<span class="sr">, ${words.t.classroom.whatHappened}</span>` : nothing
  }</a>`;
}

function meta(row: LearnerRow, { t }: Words): TemplateResult {
  return html`${row.step ? html`<span>${fill(t.classroom.step, { step: row.step })}</span>` : nothing}
    <span>${coverage(row.coverage, t)}</span>`;
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

/** Somebody who does well: a name, and how, or the step, where there is room for it. */
export function wellTile({ row }: Seen, place: Place): TemplateResult {
  const { words } = place;
  const { t } = words;
  const said = !row.connected
    ? t.classroom.away
    : row.need === "fine"
      ? row.step
      : t.needs[row.need];
  const why = [said, ...row.reasons.map((reason) => words.because(reason))].filter(Boolean);
  return html`<li class="chip" data-need=${row.need} data-session=${row.session}
    title=${[row.name, ...why].join(" – ")}>
    ${name(row, place)}<span class="said" dir="auto">${said}</span>
  </li>`;
}
