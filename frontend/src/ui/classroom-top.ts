import { html, nothing, type TemplateResult } from "lit";
import { type ClassroomState, countByNeed, inNeed } from "../core/classroom";
import type { Filter } from "../core/filter";
import type { Words } from "../core/words";
import { NEEDS, type Need } from "../protocol";
import { muteIcon, soundIcon } from "./icons";

/** What the line above the rows can do. */
export interface TopActions {
  readonly reports: string | undefined;
  readonly sound: boolean;
  readonly changes: number;
  place(): void;
  choose(change: Partial<Filter>): void;
  toggleSound(): void;
  tryAgain(): void;
}

/** The class and the name that are looked for. */
function finding(
  state: ClassroomState,
  words: Words,
  choose: (change: Partial<Filter>) => void,
): TemplateResult {
  const { t } = words;
  return html`<div class="finding">
    ${state.classes.length > 0 ? classes(state, words, choose) : nothing}
    <input type="search" id="name" aria-label=${t.classroom.search}
      placeholder=${t.classroom.search} autocomplete="off" maxlength="100" .value=${state.filter.name}
      @input=${(event: InputEvent) => choose({ name: (event.target as HTMLInputElement).value })}>
  </div>`;
}

/** How many there are, how many need the teacher, and whether all this is live. */
export function top(state: ClassroomState, words: Words, actions: TopActions): TemplateResult {
  const { t } = words;
  const needing = [...state.learners.values()].filter((seen) => inNeed(seen.row)).length;
  const present = words.count(t.classroom.present, state.learners.size);
  const said = needing > 0 ? words.count(t.classroom.needing, needing) : t.classroom.nobodyNeeds;
  return html`<div class="top">
    <p class="counts">
      ${
        state.learners.size > 0
          ? html`<strong>${said}</strong> <span class="muted">· ${present}</span>`
          : nothing
      }
    </p>
    <button type="button" class="changes ${actions.changes > 0 ? "" : "none"}"
      @click=${actions.place}>
      ${words.count(t.classroom.changes, actions.changes)}
    </button>
    ${state.learners.size > 0 ? finding(state, words, actions.choose) : nothing}
    ${
      actions.reports
        ? html`<a class="reports" href=${actions.reports}>${t.classroom.reports}</a>`
        : nothing
    }
    <button type="button" class="quiet sound" aria-pressed=${actions.sound}
      title=${t.classroom.soundHint} @click=${actions.toggleSound}>
      ${actions.sound ? soundIcon : muteIcon}${t.classroom.sound}
    </button>
    ${link(state, words, actions)}
  </div>`;
}

function link(state: ClassroomState, words: Words, actions: TopActions): TemplateResult {
  const { t } = words;
  if (state.link === "closed")
    return html`<span class="link"><span class="dot off"></span>${closedWords(state, words)}
      <button type="button" @click=${actions.tryAgain}>${t.classroom.tryAgain}</button>
    </span>`;
  const said = {
    off: "closed",
    connecting: "connecting",
    open: "live",
    waiting: "waiting",
  } as const;
  return html`<span class="link" role="status">
    <span class="dot ${state.link === "open" ? "" : "off"}"></span>${t.classroom[said[state.link]]}
  </span>`;
}

function closedWords({ closeCode }: ClassroomState, words: Words): string {
  if (closeCode === 4401) return words.error("not_signed_in");
  if (closeCode === 4403) return words.error("not_your_course");
  return closeCode === 4404 ? words.error("unknown_course") : words.t.classroom.closed;
}

/** Which learners are shown: those in one need, or only those who are new. */
export function filters(
  state: ClassroomState,
  words: Words,
  choose: (change: Partial<Filter>) => void,
): TemplateResult {
  const { t } = words;
  const { filter } = state;
  const counts = countByNeed(state);
  const shown = NEEDS.filter((need) => counts.has(need) || filter.need === need);
  const one = (need: Need | null, label: string, n: number): TemplateResult =>
    html`<button type="button" aria-pressed=${filter.need === need} data-filter=${need ?? "all"}
      @click=${() => choose({ need })}>${label} ${words.number(n)}</button>`;
  return html`<div class="filters" role="group" aria-label=${t.classroom.filter}>
    ${one(null, t.classroom.all, state.learners.size)}
    ${shown.map((need) => one(need, t.needs[need], counts.get(need) ?? 0))}
    <button type="button" aria-pressed=${filter.unattended} data-filter="new"
      title=${t.classroom.unattendedHint}
      @click=${() => choose({ unattended: !filter.unattended })}>${t.classroom.unattended}</button>
  </div>`;
}

function classes(
  { classes: all, filter }: ClassroomState,
  { t }: Words,
  choose: (change: Partial<Filter>) => void,
): TemplateResult {
  const chosen = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    choose({ schoolClass: value ? Number(value) : null });
  };
  return html`<select id="class" aria-label=${t.classroom.schoolClass} @change=${chosen}>
    <option value="" ?selected=${filter.schoolClass === null}>${t.classroom.allClasses}</option>
    ${all.map(
      ({ id, name }) =>
        html`<option value=${id} ?selected=${filter.schoolClass === id}>${name}</option>`,
    )}
  </select>`;
}
