import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import {
  type ClassroomAction,
  type ClassroomState,
  countByNeed,
  emptyClassroom,
  inNeed,
  newlyInNeed,
  reduceClassroom,
  sorted,
} from "../core/classroom";
import { Socket, socketUrl } from "../core/socket";
import { Store } from "../core/store";
import { fill, languageOf, Words } from "../core/words";
import { type FromTeacher, type LearnerRow, NEEDS, type Need, type ToTeacher } from "../protocol";
import { fineRow, needRow } from "./classroom-rows";
import { classroomStyles } from "./classroom-styles";
import { base } from "./styles";

const TICK_MS = 10_000;
const ERROR_MS = 8_000;

/** The live classroom: who needs the teacher now, and why. */
export class TutorEmotionClassroom extends LitElement {
  static override styles = [base, classroomStyles];
  static override properties = {
    course: {},
    socketPath: { attribute: "socket-path" },
    state: { state: true },
  };
  declare course: string;
  declare socketPath: string;
  declare state: ClassroomState;
  private words = new Words("en");
  private store = new Store<ClassroomState, ClassroomAction>(emptyClassroom, reduceClassroom);
  private socket: Socket<ToTeacher, FromTeacher> | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private errorTimer: ReturnType<typeof setTimeout> | undefined;
  private announced = "";
  private focused: { session: string } | null = null;

  constructor() {
    super();
    this.course = "";
    this.socketPath = "";
    this.state = emptyClassroom;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.words = new Words(languageOf(this));
    this.store = new Store(emptyClassroom, reduceClassroom);
    this.store.listen((state) => this.changed(state));
    this.socket = new Socket<ToTeacher, FromTeacher>(socketUrl(this.path(), location.href), {
      message: (message) => this.received(message),
      link: (link, closeCode) => this.store.dispatch({ do: "link", link, closeCode }),
    });
    this.socket.open();
    this.ticking = setInterval(() => this.requestUpdate(), TICK_MS);
    addEventListener("online", this.hurried);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("online", this.hurried);
    clearInterval(this.ticking);
    clearTimeout(this.errorTimer);
    this.socket?.close();
    this.socket = null;
  }

  private path(): string {
    return this.socketPath || `/ws/tutor-emotion/classroom/${encodeURIComponent(this.course)}/`;
  }

  private readonly hurried = (): void => this.socket?.hurry();

  private received(message: ToTeacher): void {
    const nowMs = Date.now();
    if (message.type === "classroom") this.store.dispatch({ do: "classroom", message, nowMs });
    else if (message.type === "learners") this.store.dispatch({ do: "learners", message, nowMs });
    else if (message.type === "error") this.complain(message.code);
  }

  private complain(code: string): void {
    this.store.dispatch({ do: "error", code });
    clearTimeout(this.errorTimer);
    this.errorTimer = setTimeout(() => this.store.dispatch({ do: "error", code: null }), ERROR_MS);
  }

  private changed(state: ClassroomState): void {
    const { t } = this.words;
    const names = newlyInNeed(this.state, state).map((row) =>
      fill(t.classroom.announce, { name: row.name, need: t.needs[row.need] }),
    );
    if (names.length > 0) this.announced = names.join(". ");
    this.state = state;
  }

  // --- focus stays where it was when a row moves -------------------------------------------------

  override willUpdate(): void {
    const session = this.shadowRoot?.activeElement?.getAttribute("data-session");
    this.focused = session ? { session } : null;
  }

  override updated(): void {
    if (!this.focused || this.shadowRoot?.activeElement) return;
    this.button(this.focused.session)?.focus();
  }

  private button(session: string): HTMLElement | null {
    return this.renderRoot.querySelector(`button[data-session="${CSS.escape(session)}"]`);
  }

  // --- what is seen -----------------------------------------------------------------------------

  override render(): TemplateResult {
    const { state } = this;
    const { t } = this.words;
    return html`<section class="room ${state.link === "open" ? "" : "stale"}"
      aria-label=${t.classroom.label}>
      ${this.top()}
      ${state.paused ? html`<p class="line">${t.classroom.paused}</p>` : nothing}
      ${state.error ? html`<p class="line" role="alert">${this.words.error(state.error)}</p>` : nothing}
      ${state.learners.size > 0 ? this.lists() : this.nobody()}
      <p class="sr" role="status">${this.announced}</p>
    </section>`;
  }

  private top(): TemplateResult {
    const { words, state } = this;
    const needing = [...state.learners.values()].filter((seen) => inNeed(seen.row)).length;
    const present = words.count(words.t.classroom.present, state.learners.size);
    const said =
      needing > 0 ? words.count(words.t.classroom.needing, needing) : words.t.classroom.nobodyNeeds;
    return html`<div class="top">
        <p class="counts">
          ${
            state.learners.size > 0
              ? html`<strong>${said}</strong> <span class="muted">· ${present}</span>`
              : nothing
          }
        </p>
        ${this.link()}
      </div>
      ${state.learners.size > 0 ? this.filters() : nothing}`;
  }

  private link(): TemplateResult {
    const { t } = this.words;
    const { link } = this.state;
    if (link === "closed")
      return html`<span class="link"><span class="dot off"></span>${this.closedWords()}
        <button type="button" @click=${() => this.socket?.open()}>${t.classroom.tryAgain}</button>
      </span>`;
    const said = {
      off: "closed",
      connecting: "connecting",
      open: "live",
      waiting: "waiting",
    } as const;
    return html`<span class="link" role="status">
      <span class="dot ${link === "open" ? "" : "off"}"></span>${t.classroom[said[link]]}
    </span>`;
  }

  private closedWords(): string {
    const { closeCode } = this.state;
    if (closeCode === 4401) return this.words.error("not_signed_in");
    if (closeCode === 4403) return this.words.error("not_your_course");
    return closeCode === 4404 ? this.words.error("unknown_course") : this.words.t.classroom.closed;
  }

  private filters(): TemplateResult {
    const { t } = this.words;
    const counts = countByNeed(this.state);
    const shown = NEEDS.filter((need) => counts.has(need) || this.state.filter === need);
    const one = (need: Need | null, label: string, n: number): TemplateResult =>
      html`<button type="button" aria-pressed=${this.state.filter === need}
        data-filter=${need ?? "all"}
        @click=${() => this.store.dispatch({ do: "filter", need })}>
        ${label} ${this.words.number(n)}
      </button>`;
    return html`<div class="filters" role="group" aria-label=${t.classroom.filter}>
      ${one(null, t.classroom.all, this.state.learners.size)}
      ${shown.map((need) => one(need, t.needs[need], counts.get(need) ?? 0))}
    </div>`;
  }

  private nobody(): TemplateResult | typeof nothing {
    const { t } = this.words;
    if (!this.state.known) return nothing;
    return html`<div class="empty">
      <h2>${t.classroom.empty}</h2>
      <p class="muted">${t.classroom.emptyHint}</p>
    </div>`;
  }

  private lists(): TemplateResult {
    const { t } = this.words;
    const { filter } = this.state;
    const all = sorted(this.state, this.words.lang).filter(
      (seen) => filter === null || seen.row.need === filter,
    );
    const attention = all.filter((seen) => seen.row.need !== "fine");
    const fine = all.filter((seen) => seen.row.need === "fine");
    const calm = filter === null && !attention.some((seen) => inNeed(seen.row));
    return html`${all.length === 0 ? html`<p class="muted">${t.classroom.noMatch}</p>` : nothing}
      ${
        attention.length > 0
          ? html`<div>
              <h2 class=${calm ? "sr" : ""}>${t.classroom.needsYou}</h2>
              <ul class="needs" @keydown=${(event: KeyboardEvent) => this.walk(event)}>
                ${repeat(
                  attention,
                  (seen) => seen.row.session,
                  (seen) => needRow(seen, this.words, (row) => this.acknowledge(row)),
                )}
              </ul>
            </div>`
          : nothing
      }
      ${
        fine.length > 0
          ? html`<div>
              <h2>${t.classroom.others}</h2>
              <ul class="fine">
                ${repeat(
                  fine,
                  (seen) => seen.row.session,
                  (seen) => fineRow(seen.row, this.words),
                )}
              </ul>
            </div>`
          : nothing
      }`;
  }

  // --- what the teacher does --------------------------------------------------------------------

  private acknowledge(row: LearnerRow): void {
    const onIt = row.acknowledged_by === "";
    this.socket?.send({ type: "acknowledge", session: row.session, on_it: onIt });
  }

  /** Arrow keys go from learner to learner. */
  private walk(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>(".onit")];
    const at = buttons.indexOf(this.shadowRoot?.activeElement as HTMLElement);
    buttons[at + step]?.focus();
    event.preventDefault();
  }
}
