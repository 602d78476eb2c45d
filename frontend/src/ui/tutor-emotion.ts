import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Api } from "../core/api";
import { Learner, type Ready } from "../core/learner";
import { socketUrl } from "../core/socket";
import { inUse, type LearnerState, type Phase } from "../core/state";
import { languageOf, Words } from "../core/words";
import type { AdaptationKind, AdaptationMessage, EventMessage, Modality } from "../protocol";
import { choose } from "./choose";
import { learnerStyles } from "./learner-styles";
import { pillStyles } from "./pill-styles";
import { preview } from "./preview";
import { Reserve } from "./reserve";
import { asksHow, line, pill, running } from "./running";
import { runningStyles } from "./running-styles";
import { feelingOf, loadFlag, saveFlag, shortcutOf } from "./shortcuts";
import { base } from "./styles";

/** `detail` of `tutor-emotion-adaptation`; `choice` is null where the pace changes quietly. */
export interface AdaptationDetail {
  adaptation: AdaptationMessage;
  choice: AdaptationKind | null;
}

/** `detail` of `tutor-emotion-status`. */
export interface StatusDetail {
  phase: Phase;
  use: LearnerState["use"];
  link: LearnerState["link"];
  in_use: readonly Modality[];
}

/** The learner's panel; `docs/integrate.md` is its manual. */
export class TutorEmotion extends LitElement {
  static override styles = [base, learnerStyles, runningStyles, pillStyles];
  static override properties = {
    base: {},
    token: {},
    csrf: {},
    state: { state: true },
    shortcuts: { state: true },
    seen: { state: true },
  };
  declare base: string;
  declare token: string;
  declare csrf: string;
  declare state: LearnerState | null;
  declare shortcuts: boolean;
  declare seen: boolean;
  private learner: Learner | null = null;
  private words = new Words("en");
  private observer: IntersectionObserver | null = null;
  private readonly reserve = new Reserve();
  private told = "";
  private hadFocus = false;
  private pausedForHost = false;
  private settle: (ready: Ready | PromiseLike<Ready>) => void = () => undefined;

  /** Resolves when a session is there, or when it is clear that there will be none. */
  readonly ready: Promise<Ready> = new Promise((resolve) => {
    this.settle = resolve;
  });

  constructor() {
    super();
    this.base = "/tutor-emotion/";
    this.token = "";
    this.csrf = "";
    this.state = null;
    this.shortcuts = loadFlag();
    this.seen = true;
  }

  /**
   * Tell what the learner did. Never throws and never waits; what is malformed is refused with
   * a warning event. Returns whether it was accepted.
   */
  report(event: EventMessage): boolean {
    const fault = this.learner ? this.learner.report(event) : "the element is not in the page";
    if (fault !== null) this.tell("tutor-emotion-refused", { fault });
    return fault === null;
  }

  /**
   * While your lesson has a break of its own, nothing is read or offered. Going on ends only a pause
   * that began here: never one of the learner's own.
   */
  pause(paused: boolean): void {
    const { learner, state } = this;
    if (!learner || state?.phase !== "running") return;
    if (paused && state.use === "on") learner.pause(true);
    else if (!paused && this.pausedForHost && state.use === "paused") learner.pause(false);
    this.pausedForHost = paused && this.state?.use === "paused" && state.use === "on";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.words = new Words(languageOf(this));
    const learner = new Learner({
      api: new Api(
        new URL(this.base, location.href).href,
        this.token,
        this.csrf,
        this.words.lang.slice(0, 2),
      ),
      socketUrl: (path) => socketUrl(path, new URL(this.base, location.href).href),
      adapt: (adaptation, choice) =>
        this.tell<AdaptationDetail>("tutor-emotion-adaptation", { adaptation, choice }),
      held: () => this.cardIsHeld(),
    });
    this.learner = learner;
    this.state = learner.state;
    learner.store.listen((state) => this.changed(state));
    this.settle(learner.ready);
    document.addEventListener("keydown", this.keyed);
    addEventListener("online", this.hurried);
    connection()?.addEventListener("change", this.hurried);
    document.addEventListener("visibilitychange", this.hurried);
    this.watchSight();
    void learner.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.keyed);
    removeEventListener("online", this.hurried);
    connection()?.removeEventListener("change", this.hurried);
    document.removeEventListener("visibilitychange", this.hurried);
    this.observer?.disconnect();
    this.reserve.set(false);
    this.learner?.dispose();
    this.learner = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { state, learner, words } = this;
    if (!state || !learner) return nothing;
    const view = {
      state,
      learner,
      words,
      shortcuts: this.shortcuts,
      about: new URL("about/", new URL(this.base, location.href)).href,
      setShortcuts: (on: boolean) => this.setShortcuts(on),
    };
    const live = state.phase === "running";
    return html`<section class="panel" aria-label=${words.t.panel.label}>
        ${this.body(view)}
      </section>
      <p class="sr" role="status">${live ? this.announcement(state) : nothing}</p>
      ${live && !this.seen ? pill(view, () => this.show()) : nothing}`;
  }

  private body(view: Parameters<typeof running>[0]): TemplateResult | typeof nothing {
    const { state, learner, words } = view;
    if (state.phase === "choose") return choose(view);
    if (state.phase === "preview") return preview(view);
    if (state.phase === "running") return running(view);
    if (state.phase === "loading")
      return html`<div class="alone muted">${words.t.panel.connecting}</div>`;
    return html`<div class="alone" tabindex="-1">
      <p class="muted">${words.error(state.error ?? "server")}</p>
      <div class="row">
        <button type="button" id="again" @click=${() => learner.load()}>
          ${words.t.panel.tryAgain}
        </button>
      </div>
    </div>`;
  }

  /** What a screen reader says by itself, politely: the offer, or the one line. */
  private announcement(state: LearnerState): string {
    const { contact } = this.words.t;
    if (state.contact) return `${contact.lead} ${state.contact.text}`;
    if (!state.offer) return line(state, this.words);
    const choices = state.offer.choices.map((choice) => this.words.t.choices[choice]);
    return [this.words.message(state.offer), ...choices, this.words.t.offer.fine].join(". ");
  }

  override willUpdate(): void {
    this.hadFocus = (this.shadowRoot?.activeElement ?? null) !== null;
  }

  /** Focus that stood on something that is gone stays in the panel; it is never taken. */
  override updated(changed: PropertyValues<this>): void {
    this.reserve.set(this.isConnected && this.shadowRoot?.querySelector(".pill") != null);
    if (!changed.has("state") || !this.hadFocus || this.shadowRoot?.activeElement) return;
    this.shadowRoot?.querySelector<HTMLElement>("h2, .alone, .slot")?.focus();
  }

  private changed(state: LearnerState): void {
    this.state = state;
    this.words.prefer(state.setup?.messages ?? {});
    const { phase, use, link } = state;
    const detail: StatusDetail = { phase, use, link, in_use: inUse(state) };
    const told = JSON.stringify(detail);
    if (told === this.told) return;
    this.told = told;
    this.tell("tutor-emotion-status", detail);
  }

  private tell<Detail>(name: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private readonly hurried = (): void => {
    if (!document.hidden) this.learner?.hurry();
  };

  private readonly keyed = (event: KeyboardEvent): void => {
    const { state, learner } = this;
    if (!learner || !this.shortcuts || state?.phase !== "running") return;
    const feeling = feelingOf(event);
    if (feeling && asksHow(state)) {
      learner.feel(feeling);
      event.preventDefault();
      return;
    }
    const { offer } = state;
    if (!offer) return;
    const shortcut = shortcutOf(event, this);
    if (shortcut === null) return;
    const choice = shortcut === "dismiss" ? undefined : offer.choices[shortcut - 1];
    if (shortcut === "dismiss") learner.dismiss();
    else if (choice) learner.take(choice);
    else return;
    event.preventDefault();
  };

  private setShortcuts(on: boolean): void {
    this.shortcuts = on;
    saveFlag(on);
  }

  private cardIsHeld(): boolean {
    return this.shadowRoot?.querySelector("#offer:hover, #offer:focus-within") != null;
  }

  private watchSight(): void {
    if (typeof IntersectionObserver === "undefined") return;
    this.observer = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1)?.isIntersecting ?? true;
    });
    this.observer.observe(this);
  }

  private show(): void {
    this.scrollIntoView({ block: "nearest" });
    const first = this.shadowRoot?.querySelector<HTMLElement>("#offer button, #contact button");
    (first ?? this.shadowRoot?.querySelector<HTMLElement>(".feel button"))?.focus();
  }
}

/** Tells of another network, where a browser has it. */
function connection(): EventTarget | undefined {
  return (navigator as Navigator & { connection?: EventTarget }).connection;
}
