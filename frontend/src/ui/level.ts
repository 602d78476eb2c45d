import { css, html, LitElement, type TemplateResult } from "lit";
import { LevelMeter } from "../core/media";

const BARS = 14;
const TELL_EVERY_MS = 250;

/** Bars that move with the microphone; nothing of it leaves the page. */
export class TutorEmotionLevel extends LitElement {
  static override properties = { stream: { attribute: false }, label: {} };
  declare stream: MediaStream | null;
  declare label: string;
  private meter: LevelMeter | null = null;
  private frame = 0;
  private toldAt = 0;

  static override styles = css`
    :host {
      display: block;
    }
    .bars {
      display: flex;
      gap: 0.1875rem;
      block-size: 1.25rem;
    }
    i {
      flex: 1;
      border-radius: 0.125rem;
      background: var(--te-line);
    }
    i.on {
      background: var(--te-accent);
    }
  `;

  override render(): TemplateResult {
    return html`<div class="bars" role="meter" aria-label=${this.label} aria-valuemin="0"
      aria-valuemax="100" aria-valuenow="0">
      ${Array.from({ length: BARS }, () => html`<i></i>`)}
    </div>`;
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has("stream")) return;
    this.end();
    if (!this.stream?.getAudioTracks().length || typeof AudioContext === "undefined") return;
    this.meter = new LevelMeter(this.stream);
    this.draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.end();
  }

  private end(): void {
    cancelAnimationFrame(this.frame);
    this.meter?.close();
    this.meter = null;
  }

  private draw(): void {
    this.frame = requestAnimationFrame(() => this.draw());
    const level = this.meter?.level() ?? 0;
    const bars = this.renderRoot.querySelectorAll("i");
    for (const [index, bar] of bars.entries())
      bar.classList.toggle("on", (index + 0.5) / BARS < level);
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = performance.now();
    const meter = this.renderRoot.querySelector(".bars");
    meter?.setAttribute("aria-valuenow", String(Math.round(level * 100)));
  }
}
