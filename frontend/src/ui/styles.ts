import { css } from "lit";

/**
 * Colours and shapes of both elements. A host overrides any `--te-…` property from outside:
 * `tutor-emotion { --te-accent: rebeccapurple }`. All pairs reach 4.5:1 in both schemes.
 */
export const base = css`
  :host {
    --te-surface: #ffffff;
    --te-sunken: #f3f6f4;
    --te-text: #1c2a2b;
    --te-muted: #516366;
    --te-line: #d3dcd9;
    --te-edge: #7b8d8f;
    --te-accent: #0d6660;
    --te-on-accent: #ffffff;
    --te-soft: #e2f0ed;
    --te-warm: #7d4a00;
    --te-warm-soft: #fcf1dd;
    --te-radius: 0.875rem;
    --te-font: inherit;
    display: block;
    color: var(--te-text);
    font-family: var(--te-font);
    line-height: 1.5;
    text-align: start;
    color-scheme: light;
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) {
      --te-surface: #182122;
      --te-sunken: #10181a;
      --te-text: #e7efed;
      --te-muted: #a6b7b6;
      --te-line: #344345;
      --te-edge: #7d9092;
      --te-accent: #74d3c8;
      --te-on-accent: #06302c;
      --te-soft: #1c3634;
      --te-warm: #f1be72;
      --te-warm-soft: #33291a;
      color-scheme: dark;
    }
  }
  :host([theme="dark"]) {
    --te-surface: #182122;
    --te-sunken: #10181a;
    --te-text: #e7efed;
    --te-muted: #a6b7b6;
    --te-line: #344345;
    --te-edge: #7d9092;
    --te-accent: #74d3c8;
    --te-on-accent: #06302c;
    --te-soft: #1c3634;
    --te-warm: #f1be72;
    --te-warm-soft: #33291a;
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p,
  ul,
  dl,
  dd,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  ul {
    list-style: none;
  }
  h2 {
    font-size: 1.25rem;
    line-height: 1.3;
    text-wrap: balance;
  }
  h2:focus,
  .alone:focus,
  .slot:focus {
    outline: none;
  }
  .muted {
    color: var(--te-muted);
  }
  .small {
    font-size: 0.875rem;
  }
  .icon {
    inline-size: 1.25em;
    block-size: 1.25em;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  button,
  select {
    font: inherit;
    color: inherit;
    min-block-size: 2.75rem;
    border: 1px solid var(--te-edge);
    border-radius: 0.625rem;
    background: var(--te-surface);
    padding-block: 0.375rem;
    padding-inline: 0.875rem;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    cursor: pointer;
    text-align: center;
  }
  button:hover {
    background: var(--te-soft);
    border-color: var(--te-accent);
  }
  button[aria-disabled="true"] {
    cursor: progress;
  }
  button.main {
    background: var(--te-accent);
    border-color: var(--te-accent);
    color: var(--te-on-accent);
    font-weight: 600;
  }
  button.main:hover {
    filter: brightness(1.08);
  }
  button.quiet {
    border-color: transparent;
    background: none;
    color: var(--te-muted);
    text-decoration: underline;
    text-underline-offset: 0.2em;
    text-decoration-color: var(--te-line);
    padding-inline: 0.5rem;
    font-size: 0.875rem;
  }
  button.quiet:hover {
    color: var(--te-text);
    text-decoration-color: currentColor;
  }
  :focus-visible {
    outline: 3px solid var(--te-accent);
    outline-offset: 2px;
  }
  .line {
    background: var(--te-warm-soft);
    color: var(--te-warm);
    border-radius: 0.625rem;
    padding: 0.5rem 0.75rem;
    font-size: 0.9375rem;
  }
  .sr {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    button,
    .card {
      border: 1px solid;
    }
  }
`;
