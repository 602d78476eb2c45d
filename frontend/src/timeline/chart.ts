import uPlot from "uplot";
import { drawMark, type Ink, inkOf } from "./marks";
import { clock, LANES, lengthS, type Moment } from "./moments";

const HEIGHT = 188;
const MARK = 5;

/** The session as a picture: a lane for each kind of moment, time from its beginning. */
export class Chart {
  private plot: uPlot | null = null;
  private moments: readonly Moment[] = [];
  private at = -1;
  private ink: Ink;
  private readonly watch: ResizeObserver;
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");

  constructor(
    private readonly place: HTMLElement,
    private readonly chosen: (moment: Moment) => void,
  ) {
    this.ink = inkOf(place);
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(place);
    this.dark.addEventListener("change", this.recoloured);
    place.tabIndex = 0;
    place.setAttribute("role", "img");
    place.addEventListener("keydown", (event) => this.keyed(event));
  }

  /** Draws these moments; `names` are the lanes' words. */
  show(moments: readonly Moment[], names: ReadonlyMap<string, string>): void {
    const before = this.moments[this.at];
    this.moments = moments;
    this.at = before
      ? moments.findIndex((m) => m.atS === before.atS && m.lane === before.lane)
      : -1;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(names), this.data(), this.place);
  }

  stop(): void {
    this.watch.disconnect();
    this.dark.removeEventListener("change", this.recoloured);
    this.plot?.destroy();
  }

  private data(): uPlot.AlignedData {
    // At least two, or there is no axis; the marks are drawn by hand.
    const xs = [0, ...this.moments.map((m) => m.atS), lengthS(this.moments)];
    return [xs, xs.map(() => null)];
  }

  private options(names: ReadonlyMap<string, string>): uPlot.Options {
    const rtl = getComputedStyle(this.place).direction === "rtl";
    const axis = { stroke: () => this.ink.text, font: "12px system-ui, sans-serif" };
    return {
      width: this.place.clientWidth || 320,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, dir: rtl ? -1 : 1, range: (_, __, max) => [0, max * 1.02] },
        y: { range: [-0.5, LANES.length - 0.5] },
      },
      axes: [
        {
          ...axis,
          grid: { stroke: () => this.ink.line, width: 1 },
          ticks: { show: false },
          incrs: [30, 60, 120, 300, 600, 900, 1800, 3600],
          values: (_, splits) => splits.map(clock),
        },
        {
          ...axis,
          side: rtl ? 1 : 3,
          grid: { show: false },
          ticks: { show: false },
          size: 84,
          splits: () => LANES.map((_, index) => index),
          values: () => [...LANES].reverse().map((lane) => names.get(lane) ?? ""),
        },
      ],
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
      hooks: { draw: [(plot) => this.draw(plot)], setCursor: [(plot) => this.pointed(plot)] },
    };
  }

  private draw(plot: uPlot): void {
    const { ctx: context } = plot;
    const r = MARK * devicePixelRatio;
    for (const [index, moment] of this.moments.entries()) {
      const x = plot.valToPos(moment.atS, "x", true);
      const y = plot.valToPos(LANES.length - 1 - LANES.indexOf(moment.lane), "y", true);
      if (moment.lane === "signal") this.bar(plot, moment, x, y, r);
      else drawMark(context, moment, x, y, index === this.at ? r * 1.5 : r, this.ink);
    }
  }

  /** From when it was noticed until it was over; what goes on has an open end. */
  private bar(plot: uPlot, moment: Moment, x: number, y: number, r: number): void {
    const context = plot.ctx;
    const end = plot.valToPos(moment.untilS ?? lengthS(this.moments), "x", true);
    context.fillStyle = this.ink.warm;
    context.globalAlpha = moment.untilS === null ? 0.55 : 0.85;
    const width = Math.max(r, Math.abs(end - x));
    context.fillRect(Math.min(x, end), y - r * 0.8, width, r * 1.6);
    context.globalAlpha = 1;
    context.fillRect(x - devicePixelRatio, y - r * 1.2, 2 * devicePixelRatio, r * 2.4);
  }

  private pointed(plot: uPlot): void {
    const { left } = plot.cursor;
    if (left === undefined || left === null || left < 0) return;
    const atS = plot.posToVal(left, "x");
    let nearest = -1;
    for (const [index, moment] of this.moments.entries()) {
      const best = this.moments[nearest];
      if (!best || Math.abs(moment.atS - atS) < Math.abs(best.atS - atS)) nearest = index;
    }
    this.choose(nearest);
  }

  private keyed(event: KeyboardEvent): void {
    const forward = getComputedStyle(this.place).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const last = this.moments.length - 1;
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: Math.max(0, this.at + (forward === "ArrowLeft" ? 1 : -1)),
      ArrowRight: Math.max(0, this.at + (forward === "ArrowRight" ? 1 : -1)),
      Home: 0,
      End: last,
    };
    const index = to[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.choose(Math.min(last, index));
  }

  private choose(index: number): void {
    const moment = this.moments[index];
    if (!moment || index === this.at) return;
    this.at = index;
    this.chosen(moment);
    this.plot?.redraw(false);
  }

  private resized(): void {
    const width = this.place.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width)
      this.plot.setSize({ width, height: HEIGHT });
  }

  private readonly recoloured = (): void => {
    this.ink = inkOf(this.place);
    this.plot?.redraw(false, true);
  };
}
