import katex from "katex";

/**
 * Draws every `.tex` in `root` that is not drawn yet, as MathML: browsers lay it out and screen
 * readers read it, without fonts or styles of ours. What KaTeX refuses stays as its source.
 */
export function drawTex(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(".tex:not([data-drawn])")) draw(element);
}

function draw(element: HTMLElement): void {
  const source = element.textContent ?? "";
  try {
    element.innerHTML = katex.renderToString(source, {
      output: "mathml",
      displayMode: element.classList.contains("tex-block"),
      throwOnError: true,
      trust: false, // no links, pictures or styles out of a text
      strict: "ignore",
      maxSize: 20, // em
      maxExpand: 200, // macros
      macros: {}, // of its own: \gdef stays in one formula
    });
    element.dataset.drawn = "yes";
    // What is wider than its line scrolls, also for those who have no pointer.
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  } catch {
    element.dataset.drawn = "no"; // the source is still there
  }
}
