import { type SVGTemplateResult, svg } from "lit";
import type { Modality } from "../protocol";

function icon(shape: SVGTemplateResult): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shape}</svg>`;
}

const camera = icon(
  svg`<rect x="3" y="6" width="12" height="12" rx="3"/><path d="m15 10.5 6-3v9l-6-3"/>`,
);
const microphone = icon(
  svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21"/>`,
);
const lesson = icon(
  svg`<path d="M12 6.5C10 5 7 4.5 4 5v13c3-.5 6 0 8 1.5 2-1.5 5-2 8-1.5V5c-3-.5-6 0-8 1.5Zm0 0V19"/>`,
);
const letter = icon(svg`<path d="M4 6h16v10H10l-4 4v-4H4Z"/>`);
const tap = icon(
  svg`<circle cx="12" cy="12" r="8.5"/><path d="M8.5 14.5c2 2 5 2 7 0M9 9.5h.01M15 9.5h.01"/>`,
);

export const pauseIcon = icon(svg`<path d="M8.5 6v12M15.5 6v12"/>`);
export const playIcon = icon(svg`<path d="M8 5.5v13l11-6.5Z"/>`);
export const stopIcon = icon(svg`<rect x="6.5" y="6.5" width="11" height="11" rx="2"/>`);
export const handIcon = icon(svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`);

export const eyeIcon = icon(
  svg`<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.75"/>`,
);
export const raisedIcon = icon(
  svg`<path d="M7 11V6.5a1.5 1.5 0 0 1 3 0V5a1.5 1.5 0 0 1 3 0v1.5a1.5 1.5 0 0 1 3 0V13l1-1.5a1.6 1.6 0 0 1 2.7 1.7L16.5 18A5.5 5.5 0 0 1 7 15.5Z"/>`,
);
export const soundIcon = icon(
  svg`<path d="M4 10v4h3.5L12 18V6L7.5 10ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"/>`,
);
export const muteIcon = icon(svg`<path d="M4 10v4h3.5L12 18V6L7.5 10ZM16 9.5l5 5m0-5-5 5"/>`);

export const modalityIcon: Readonly<Record<Modality, SVGTemplateResult>> = {
  face: camera,
  voice: microphone,
  interaction: lesson,
  text: letter,
  self_report: tap,
};
