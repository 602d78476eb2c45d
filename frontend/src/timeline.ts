import "uplot/dist/uPlot.min.css";
import { Chart } from "./timeline/chart";
import { Live } from "./timeline/live";
import { laneNames, type Moment, momentsOf } from "./timeline/moments";

/** The page's picture, drawn from its own table, and kept up to date while the session runs. */
class Timeline {
  private chart: Chart | null = null;
  private marked: HTMLElement | null = null;

  constructor(private readonly root: HTMLElement) {
    this.draw();
  }

  get running(): boolean {
    return this.part?.dataset.running === "yes";
  }

  private get part(): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(".te-part");
  }

  /** False where the text is not the part, but a page to sign in, say. */
  replaceWith(text: string): boolean {
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".te-part");
    const old = this.part;
    if (!fresh || !old) return false;
    if (fresh.outerHTML === this.told) return true;
    this.told = fresh.outerHTML;
    const focused = old.querySelector<HTMLElement>(":focus");
    const again = focused?.classList[0];
    this.chart?.stop();
    this.chart = null;
    old.replaceWith(document.adoptNode(fresh));
    this.draw();
    if (again) this.part?.querySelector<HTMLElement>(`.${again}`)?.focus({ preventScroll: true });
    return true;
  }

  private told = "";

  lost(lost: boolean): void {
    this.say(lost ? (this.root.dataset.lost ?? "") : "", "lost");
  }

  private draw(): void {
    const place = this.root.querySelector<HTMLElement>(".te-chart");
    const moments = momentsOf(this.root);
    if (!place || moments.length === 0) return;
    const keys = this.root.dataset.keys ?? "";
    place.setAttribute("aria-description", keys);
    place.title = keys;
    this.chart = new Chart(place, (moment) => this.chose(moment));
    this.chart.show(moments, laneNames(moments));
  }

  private chose(moment: Moment): void {
    this.marked?.classList.remove("te-at");
    this.marked = moment.row;
    moment.row.classList.add("te-at");
    this.say(moment.words, "moment");
  }

  /** What was said last of its kind is taken back only by its kind. */
  private say(text: string, kind: string): void {
    const line = this.root.querySelector<HTMLElement>(".te-readout");
    if (!line || (text === "" && line.dataset.kind !== kind)) return;
    line.dataset.kind = kind;
    if (line.textContent !== text) line.textContent = text;
  }
}

const root = document.querySelector<HTMLElement>(".te-timeline");
if (root) {
  const live = new Live(root.dataset.part ?? "?part", new Timeline(root));
  live.start();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) live.hurry();
  });
}
