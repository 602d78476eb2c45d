/** Colours as the page has them now; shapes tell the same without them. */
export interface Ink {
  readonly text: string;
  readonly line: string;
  readonly accent: string;
  readonly good: string;
  readonly warm: string;
}

type Draw = (context: CanvasRenderingContext2D, x: number, y: number, r: number) => void;

/** A full disc is right, a ring is not yet; a diamond is an offer, full where it was taken. */
export function drawMark(
  context: CanvasRenderingContext2D,
  { lane, mark }: { lane: string; mark: string },
  x: number,
  y: number,
  r: number,
  ink: Ink,
): void {
  const full = mark === "right" || mark === "taken" || lane === "hint";
  const colour = mark === "right" ? ink.good : mark === "miss" ? ink.warm : ink.accent;
  context.lineWidth = r / 2.5;
  context.strokeStyle = context.fillStyle = colour;
  context.beginPath();
  const shape: Draw = lane === "offer" ? diamond : lane === "hint" ? triangle : disc;
  shape(context, x, y, r);
  if (full) context.fill();
  context.stroke();
}

const disc: Draw = (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI);

const diamond: Draw = (context, x, y, r) =>
  polygon(context, [x, y - r * 1.2], [x + r * 1.2, y], [x, y + r * 1.2], [x - r * 1.2, y]);

const triangle: Draw = (context, x, y, r) =>
  polygon(context, [x, y - r], [x + r, y + r * 0.8], [x - r, y + r * 0.8]);

function polygon(context: CanvasRenderingContext2D, ...points: [number, number][]): void {
  for (const [x, y] of points) context.lineTo(x, y);
  context.closePath();
}

/** The colours that the page's own style sheet gives it. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  // A canvas knows no custom properties and no light-dark(): let the browser work them out.
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color || style.color;
  };
  const ink = {
    text: colour("--te-t-soft"),
    line: colour("--te-t-line"),
    accent: colour("--te-t-accent"),
    good: colour("--te-t-good"),
    warm: colour("--te-t-warm"),
  };
  probe.remove();
  return ink;
}
