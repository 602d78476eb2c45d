import { css } from "lit";

export const learnerStyles = css`
  .panel {
    container-type: inline-size;
  }
  .step,
  .box,
  .alone {
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-radius: var(--te-radius);
  }
  .panel:has(> .step) {
    max-inline-size: 54rem;
  }
  .step {
    display: grid;
    gap: 0.875rem;
    padding: 1.125rem;
  }
  .step > header {
    display: grid;
    gap: 0.375rem;
    max-inline-size: 38rem;
  }

  /* choosing */
  fieldset {
    display: grid;
    gap: 0.375rem;
  }
  legend {
    font-weight: 600;
    padding: 0;
    margin-block-end: 0.375rem;
  }
  .choices {
    border: 1px solid var(--te-line);
    border-radius: 0.75rem;
    overflow: clip;
  }
  .choice {
    display: grid;
    grid-template-columns: auto 1fr;
    align-items: center;
    gap: 0.125rem 0.75rem;
    min-block-size: 2.75rem;
    padding: 0.5rem 0.875rem;
    cursor: pointer;
  }
  .choice + .choice {
    border-block-start: 1px solid var(--te-line);
  }
  .choice:has(input:checked) {
    background: var(--te-soft);
  }
  .choice.forbidden {
    grid-template-columns: 1fr;
    cursor: default;
    background: var(--te-sunken);
  }
  input[type="checkbox"] {
    inline-size: 1.25rem;
    block-size: 1.25rem;
    margin: 0;
    accent-color: var(--te-accent);
    scroll-margin-block: 4rem 10rem;
  }
  .choice .name {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    font-weight: 600;
  }
  .choice .name .icon {
    color: var(--te-accent);
  }
  .forbidden .icon {
    color: var(--te-muted);
  }
  .choice .what {
    grid-column: -2;
    color: var(--te-muted);
    font-size: 0.9375rem;
  }
  .about {
    font-size: 0.9375rem;
  }
  .about[open] {
    display: grid;
    gap: 0.75rem;
  }
  .about > * + * {
    margin-block-start: 0.75rem;
  }
  .about summary {
    inline-size: fit-content;
    line-height: 2rem;
    color: var(--te-muted);
    cursor: pointer;
    text-decoration: underline;
    text-underline-offset: 0.2em;
    text-decoration-color: var(--te-line);
    scroll-margin-block-end: 10rem;
  }
  .about summary:hover {
    color: var(--te-text);
  }
  .about h3 {
    font-size: 1em;
  }
  .facts {
    display: grid;
    gap: 0.25rem;
    margin-block-start: 0.375rem;
  }
  .facts dt {
    color: var(--te-muted);
    font-size: 0.875rem;
  }
  /* The two ways on are in sight however long the page is; what is behind them can be scrolled to. */
  .ways {
    display: grid;
    grid-auto-rows: 1fr; /* neither way is larger, however its words wrap */
    gap: 0.5rem;
    margin-block-end: -1.125rem;
    padding-block: 0.5rem 1.125rem;
    background: var(--te-surface);
    border-radius: 0 0 var(--te-radius) var(--te-radius);
  }
  .ways button {
    padding-inline: 0.5rem;
    font-size: 0.9375rem;
    font-weight: 600;
    border-width: 2px;
    border-color: var(--te-accent);
  }
  @media (min-width: 62rem) and (min-height: 40rem) {
    .ways {
      position: sticky;
      inset-block-end: 0;
      box-shadow: 0 -0.75rem 0.75rem var(--te-surface);
    }
  }
  .again {
    justify-self: start;
    margin-inline-start: -0.5rem;
    text-align: start;
  }
  @container (min-width: 36rem) {
    .ways.two {
      grid-template-columns: 1fr 1fr;
    }
  }

  /* preview */
  .mirror {
    display: grid;
    gap: 1rem;
  }
  video {
    inline-size: 100%;
    max-inline-size: 20rem;
    aspect-ratio: 4 / 3;
    object-fit: cover;
    border-radius: 0.75rem;
    background: var(--te-sunken);
    transform: scaleX(-1);
  }
  .devices {
    display: grid;
    gap: 0.875rem;
    align-content: start;
  }
  .device {
    display: grid;
    gap: 0.25rem;
    font-weight: 600;
    font-size: 0.9375rem;
  }
  .device select {
    inline-size: 100%;
    font-weight: 400;
    text-overflow: ellipsis;
  }
  .bars {
    display: flex;
    gap: 0.1875rem;
    block-size: 1.25rem;
  }
  .bars i {
    flex: 1;
    border-radius: 0.125rem;
    background: var(--te-line);
  }
  .bars i.on {
    background: var(--te-accent);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }
  @container (min-width: 36rem) {
    .mirror.both {
      grid-template-columns: minmax(0, 20rem) minmax(0, 1fr);
    }
  }
`;
