import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { Announcer } from "../core/announcer";
import { Http } from "../core/api";
import {
  type ClassroomAction,
  type ClassroomState,
  classroomReducer,
  emptyClassroom,
  isStrong,
  newlyInNeed,
  type Seen,
} from "../core/classroom";
import { densityOf } from "../core/density";
import { everyone, type Filter, filterOf, hashOf, matches } from "../core/filter";
import { isQuiet, waitingChanges } from "../core/order";
import { SeenMarks } from "../core/seen";
import { Socket, socketUrl } from "../core/socket";
import { Store } from "../core/store";
import { Tone } from "../core/tone";
import { languageOf, Words } from "../core/words";
import type { FromTeacher, LearnerRow, Ticket, ToTeacher } from "../protocol";
import { neighbour, WALKS } from "./classroom-keys";
import { needTile, type Place, wellTile } from "./classroom-rows";
import { classroomStyles } from "./classroom-styles";
import { filters, top } from "./classroom-top";
import { base } from "./styles";

const TICK_MS = 30_000;
const ERROR_MS = 8_000;
/** So long after the last move among the rows they keep their places. */
const HOLD_MS = 8_000;
const DELIVERED_WITHIN_MS = 4_000;

/** The live classroom: who needs the teacher now, and why. */
export class TutorEmotionClassroom extends LitElement {
  static override styles = [base, classroomStyles];
  static override properties = {
    course: {},
    socketPath: { attribute: "socket-path" },
    pagePath: { attribute: "page-path" },
    csrf: {},
    state: { state: true },
    current: { state: true },
    said: { state: true },
  };
  declare course: string;
  declare socketPath: string;
  declare pagePath: string;
  declare csrf: string;
  declare state: ClassroomState;
  declare current: string;
  declare said: string;
  private words = new Words("en");
  private store = new Store<ClassroomState, ClassroomAction>(
    emptyClassroom,
    classroomReducer("en"),
  );
  private socket: Socket<ToTeacher, FromTeacher> | null = null;
  private marks = new SeenMarks("", null);
  private readonly tone = new Tone();
  private announcer: Announcer | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private errorTimer: ReturnType<typeof setTimeout> | undefined;
  private holding: ReturnType<typeof setTimeout> | undefined;
  private refocus: { session: string; part: string } | null = null;

  constructor() {
    super();
    this.course = this.socketPath = this.pagePath = this.csrf = this.current = this.said = "";
    this.state = emptyClassroom;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.words = new Words(languageOf(this));
    this.store = new Store(emptyClassroom, classroomReducer(this.words.lang));
    this.announcer = new Announcer(this.words, (text) => {
      this.said = text;
    });
    this.marks = new SeenMarks(this.course, storage());
    this.store.listen((state) => this.changed(state));
    this.store.dispatch({ do: "attention", attention: this.marks.read() });
    this.readHash();
    const page = this.pagePath || `/tutor-emotion/classroom/${encodeURIComponent(this.course)}/`;
    const http = new Http(new URL(page, location.href).href, this.csrf);
    this.socket = new Socket<ToTeacher, FromTeacher>(
      socketUrl(this.path(), location.href),
      async () => (await http.ask<Ticket>("POST", "ticket/", {})).ticket,
      {
        message: (message) => this.received(message),
        link: (link, closeCode) => this.store.dispatch({ do: "link", link, closeCode }),
      },
    );
    this.socket.open();
    this.ticking = setInterval(() => this.requestUpdate(), TICK_MS);
    addEventListener("online", this.hurried);
    addEventListener("hashchange", this.readHash);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("online", this.hurried);
    removeEventListener("hashchange", this.readHash);
    for (const timer of [this.errorTimer, this.holding]) clearTimeout(timer);
    clearInterval(this.ticking);
    this.announcer?.stop();
    this.tone.switchOff();
    this.socket?.close();
    this.socket = null;
  }

  private path(): string {
    return this.socketPath || `/ws/tutor-emotion/classroom/${encodeURIComponent(this.course)}/`;
  }

  private readonly hurried = (): void => this.socket?.hurry();

  // --- what comes in ----------------------------------------------------------------------------

  private received(message: ToTeacher): void {
    const nowMs = Date.now();
    if (message.type === "classroom") this.store.dispatch({ do: "classroom", message, nowMs });
    else if (message.type === "learners") {
      this.store.dispatch({ do: "learners", message, nowMs });
      if (this.store.state.gap) this.socket?.send({ type: "resync" });
    } else if (message.type === "error") this.complain(message.code);
  }

  private complain(code: string): void {
    this.store.dispatch({ do: "error", code });
    clearTimeout(this.errorTimer);
    this.errorTimer = setTimeout(() => this.store.dispatch({ do: "error", code: null }), ERROR_MS);
  }

  private changed(state: ClassroomState): void {
    const fresh = newlyInNeed(this.state, state);
    this.announcer?.tell(fresh);
    if (fresh.some(isStrong)) this.tone.play();
    this.state = state;
  }

  // --- what is seen -----------------------------------------------------------------------------

  override render(): TemplateResult {
    const { state, words } = this;
    const { t } = words;
    const some = state.learners.size > 0;
    return html`<section class="room ${state.link === "open" ? "" : "stale"}"
      aria-label=${t.classroom.label}>
      ${top(state, words, {
        reports: this.pagePath ? `${this.pagePath}report/` : undefined,
        sound: this.tone.on,
        changes: state.held ? waitingChanges(state.order, state.learners, state.attention) : 0,
        place: () => this.store.dispatch({ do: "place" }),
        choose: (change) => this.choose(change),
        toggleSound: () => this.toggleSound(),
        tryAgain: () => this.socket?.open(),
      })}
      ${some ? filters(state, words, (change) => this.choose(change)) : nothing}
      ${state.paused ? html`<p class="line">${t.classroom.paused}</p>` : nothing}
      ${state.error ? html`<p class="line" role="alert">${words.error(state.error)}</p>` : nothing}
      ${some ? this.lists() : this.nobody()}
      <p class="sr" role="status">${this.said}</p>
    </section>`;
  }

  private nobody(): TemplateResult | typeof nothing {
    const { t } = this.words;
    if (this.state.link === "closed") return nothing;
    if (!this.state.known) return html`<p class="empty muted">${t.classroom.looking}</p>`;
    return html`<div class="empty">
      <h2>${t.classroom.empty}</h2>
      <p class="muted">${t.classroom.emptyHint}</p>
    </div>`;
  }

  private lists(): TemplateResult {
    const { t } = this.words;
    const { order, learners, filter, attention } = this.state;
    const shown = (sessions: readonly string[]): Seen[] =>
      sessions
        .map((session) => learners.get(session))
        .filter((seen) => seen !== undefined)
        .filter((seen) => matches(filter, seen.row, isQuiet(seen, attention)));
    const needing = shown(order.attention);
    const well = shown(order.well);
    const current = this.currentOf([...needing, ...well]);
    const density = densityOf(needing.length, well.length);
    return html`<div class="lists" @keydown=${this.keyed} @click=${this.clicked}
      @pointermove=${this.hold} @pointerdown=${this.hold} @focusin=${this.focusedIn}>
      ${needing.length + well.length === 0 ? this.noMatch() : nothing}
      ${this.list("needs", density, t.classroom.needsYou, needing, current, needTile)}
      ${this.list("well", density, t.classroom.others, well, current, wellTile)}
    </div>
    <p class="muted small keys">${t.classroom.keys}</p>`;
  }

  private list(
    name: string,
    density: string,
    title: string,
    shown: readonly Seen[],
    current: string,
    tile: (seen: Seen, place: Place) => TemplateResult,
  ): TemplateResult | typeof nothing {
    if (shown.length === 0) return nothing;
    const minute = Math.floor(Date.now() / TICK_MS);
    const one = (seen: Seen): unknown => {
      const { session } = seen.row;
      const quiet = isQuiet(seen, this.state.attention);
      const asked = this.state.asked.has(session);
      // What has not changed is not made again: 399 of 400 learners, most of the time.
      return guard([seen.row, minute, session === current, quiet, asked], () =>
        tile(seen, {
          words: this.words,
          nowMs: Date.now(),
          href: (of) => (this.pagePath ? `${this.pagePath}learner/${of}/` : undefined),
          current: session === current,
          quiet,
          asked,
        }),
      );
    };
    return html`<div>
      <h2>${title} <span class="muted">${this.words.number(shown.length)}</span></h2>
      <ul class=${name} data-density=${density}>${repeat(shown, (seen) => seen.row.session, one)}</ul>
    </div>`;
  }

  private noMatch(): TemplateResult {
    const { t } = this.words;
    return html`<p class="empty muted">${t.classroom.noMatch}
      <button type="button" @click=${() => this.choose(everyone)}>${t.classroom.showAll}</button></p>`;
  }

  private currentOf(shown: readonly Seen[]): string {
    if (shown.some((seen) => seen.row.session === this.current)) return this.current;
    return shown[0]?.row.session ?? "";
  }

  // --- focus stays with a learner whose tile moves ------------------------------------------------

  override willUpdate(changes: PropertyValues): void {
    super.willUpdate(changes);
    const focused = this.shadowRoot?.activeElement;
    const session = focused?.closest("[data-session]")?.getAttribute("data-session");
    const part = focused?.classList[0];
    this.refocus = session && part ? { session, part } : null;
  }

  override updated(): void {
    if (!this.refocus || this.shadowRoot?.activeElement) return;
    const tile = this.tile(this.refocus.session);
    (tile?.querySelector<HTMLElement>(`.${this.refocus.part}`) ?? nameOf(tile))?.focus();
  }

  private tile(session: string): HTMLElement | null {
    return this.renderRoot.querySelector(`[data-session="${CSS.escape(session)}"]`);
  }

  // --- what the teacher does --------------------------------------------------------------------

  /** Nothing moves away under a pointer, or from the keys that are being pressed. */
  private readonly hold = (): void => {
    clearTimeout(this.holding);
    this.store.dispatch({ do: "hold", held: true });
    this.holding = setTimeout(() => this.store.dispatch({ do: "hold", held: false }), HOLD_MS);
  };

  private readonly focusedIn = (event: FocusEvent): void => {
    this.current = sessionOf(event) ?? this.current;
    this.hold();
  };

  private readonly clicked = (event: MouseEvent): void => {
    const seen = this.state.learners.get(sessionOf(event) ?? "");
    const button = (event.target as Element).closest("button");
    if (!seen || !button) return;
    if (button.classList.contains("onit")) this.takeOn(seen.row);
    else this.markSeen(seen.row);
  };

  private readonly keyed = (event: KeyboardEvent): void => {
    const session = sessionOf(event);
    const tile = session ? this.tile(session) : null;
    if (!session || !tile || event.altKey || event.ctrlKey || event.metaKey) return;
    this.hold();
    const row = this.state.learners.get(session)?.row;
    if (WALKS.has(event.key)) {
      const tiles = [...this.renderRoot.querySelectorAll<HTMLElement>(".lists [data-session]")];
      nameOf(neighbour(tiles, tile, event.key))?.focus();
    } else if (event.key === "a" && row) this.markSeen(row);
    else if (event.key === "i" && row) this.takeOn(row);
    else return;
    event.preventDefault();
  };

  private takeOn(row: LearnerRow): void {
    const { session } = row;
    const onIt = row.acknowledged_by === "";
    if (!this.socket?.send({ type: "acknowledge", session, on_it: onIt })) {
      this.complain("not_delivered");
      return;
    }
    this.store.dispatch({ do: "asked", session });
    setTimeout(() => {
      if (!this.store.state.asked.has(session)) return;
      this.store.dispatch({ do: "unasked", session });
      this.complain("not_delivered");
    }, DELIVERED_WITHIN_MS);
  }

  private markSeen(row: LearnerRow): void {
    const attention = this.marks.toggled(this.state.attention, row.session, row.need);
    this.store.dispatch({ do: "attention", attention });
  }

  private toggleSound(): void {
    if (this.tone.on) this.tone.switchOff();
    else this.tone.switchOn();
    this.requestUpdate();
  }

  private choose(change: Partial<Filter>): void {
    const filter = { ...this.state.filter, ...change };
    this.store.dispatch({ do: "filter", filter });
    history.replaceState(history.state, "", hashOf(filter) || location.pathname + location.search);
  }

  private readonly readHash = (): void =>
    this.store.dispatch({ do: "filter", filter: filterOf(location.hash) });
}

function sessionOf(event: Event): string | null {
  const tile = (event.target as Element | null)?.closest?.("[data-session]");
  return tile?.getAttribute("data-session") ?? null;
}

function nameOf(tile: Element | null): HTMLElement | null {
  return tile?.querySelector<HTMLElement>(".name") ?? null;
}

/** This tab's storage, where the browser lets us have it. */
function storage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
