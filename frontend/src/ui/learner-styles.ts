import { css } from "lit";

export const learnerStyles = css`
  .panel {
    container-type: inline-size;
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-radius: var(--te-radius);
  }
  .panel:has(> .step) {
    max-inline-size: 54rem;
  }
  .step {
    display: grid;
    gap: 1rem;
    padding: 1.25rem;
  }
  .step > header {
    display: grid;
    gap: 0.5rem;
    max-inline-size: 38rem;
  }

  /* choosing */
  fieldset {
    display: grid;
    gap: 0.5rem;
  }
  legend {
    font-weight: 600;
    padding: 0;
    margin-block-end: 0.5rem;
  }
  .choices {
    display: grid;
    gap: 0.75rem;
  }
  .choices.light {
    gap: 0;
    border: 1px solid var(--te-line);
    border-radius: 0.75rem;
  }
  .choice {
    display: grid;
    grid-template-columns: auto 1fr;
    column-gap: 0.75rem;
    padding: 0.75rem 0.875rem;
    cursor: pointer;
  }
  .light .choice + .choice {
    border-block-start: 1px solid var(--te-line);
  }
  .heavy .choice {
    border: 1px solid var(--te-line);
    border-radius: 0.75rem;
    align-content: start;
  }
  .choice:has(input:checked) {
    background: var(--te-soft);
    border-color: var(--te-accent);
  }
  .light .choice:first-child {
    border-start-start-radius: 0.7rem;
    border-start-end-radius: 0.7rem;
  }
  .light .choice:last-child {
    border-end-start-radius: 0.7rem;
    border-end-end-radius: 0.7rem;
  }
  .choice.forbidden {
    grid-template-columns: 1fr;
    row-gap: 0.25rem;
    cursor: default;
    background: var(--te-sunken);
  }
  input[type="checkbox"] {
    inline-size: 1.25rem;
    block-size: 1.25rem;
    margin: 0.125rem 0 0;
    accent-color: var(--te-accent);
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
  .facts {
    grid-column: 1 / -1;
    display: grid;
    gap: 0.375rem;
    margin-block-start: 0.625rem;
    padding-block-start: 0.625rem;
    border-block-start: 1px solid var(--te-line);
    font-size: 0.875rem;
  }
  .facts dt {
    color: var(--te-muted);
    font-size: 0.8125rem;
  }
  .ways {
    display: grid;
    gap: 0.75rem;
  }
  .ways button {
    min-block-size: 3rem;
    font-weight: 600;
    border-width: 2px;
    border-color: var(--te-accent);
  }
  @container (min-width: 36rem) {
    .choices.heavy,
    .ways.two {
      grid-template-columns: 1fr 1fr;
    }
    .again {
      justify-self: start;
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

  /* running */
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.75rem;
    padding: 0.5rem 0.5rem 0.5rem 0.875rem;
    border-block-end: 1px solid var(--te-line);
  }
  .bar .use {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
    flex: 1 1 12rem;
    min-block-size: 2.75rem;
    font-size: 0.9375rem;
  }
  .use ul {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.75rem;
  }
  .use li {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
  }
  .said {
    flex: 1 1 0;
    min-inline-size: 9rem;
  }
  .dot {
    inline-size: 0.625rem;
    block-size: 0.625rem;
    border-radius: 50%;
    background: var(--te-accent);
    flex: none;
  }
  .dot.off {
    background: none;
    border: 2px solid var(--te-edge);
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }
  .buttons button {
    padding-inline: 0.75rem;
    font-size: 0.9375rem;
  }
  .slot {
    display: grid;
    align-content: start;
    gap: 0.625rem;
    padding: 0.75rem 0.875rem;
    min-block-size: 19rem;
  }
  @container (min-width: 20rem) {
    .slot {
      min-block-size: 15.5rem;
    }
  }
  @container (min-width: 36rem) {
    .slot {
      min-block-size: 10.25rem;
    }
  }
  .slot.short {
    align-content: center;
    min-block-size: 4.25rem;
  }
  .feel {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.5rem;
  }
  .feel > span {
    grid-column: 1 / -1;
  }
  @container (min-width: 36rem) {
    .feel {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
    }
    .feel > span {
      margin-inline-end: 0.25rem;
    }
  }
  .more {
    align-items: start;
    margin-inline-start: -0.5rem;
  }
  .more button {
    min-block-size: 2rem;
  }
  .keys {
    color: var(--te-muted);
    font-size: 0.875rem;
  }
  .keys summary {
    cursor: pointer;
    line-height: 2rem;
    padding-inline: 0.5rem;
    border-radius: 0.5rem;
  }
  .keys label {
    display: flex;
    gap: 0.5rem;
    padding-inline: 0.5rem;
  }
  .card {
    display: grid;
    gap: 0.625rem;
    padding: 0.875rem;
    border-radius: 0.75rem;
    background: var(--te-soft);
    animation: arrive 0.3s ease-out;
  }
  .card .message {
    font-weight: 600;
    font-size: 1.0625rem;
    text-wrap: pretty;
  }
  .card.contact {
    animation: none;
    background: var(--te-sunken);
    border-inline-start: 0.25rem solid var(--te-accent);
  }
  .card.contact .message {
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  .card .foot {
    gap: 0;
    margin-block: -0.25rem;
    margin-inline: -0.5rem;
  }
  .card .foot button {
    min-block-size: 2rem;
    color: var(--te-text);
    text-decoration-color: currentColor;
  }
  kbd {
    font: inherit;
    font-size: 0.75rem;
    line-height: 1.25rem;
    min-inline-size: 1.25rem;
    padding-inline: 0.25rem;
    border: 1px solid currentColor;
    border-radius: 0.25rem;
    text-align: center;
  }
  .reasons {
    display: grid;
    gap: 0.25rem;
    padding-inline-start: 1.125rem;
    list-style: disc;
    font-size: 0.9375rem;
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateY(0.25rem);
    }
  }
  .pill {
    position: fixed;
    inset-block-end: 0.75rem;
    inset-inline-end: 0.75rem;
    z-index: 10;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0.25rem 0.25rem 0.25rem 0.875rem;
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-radius: 2rem;
    box-shadow: 0 0.25rem 1rem rgb(0 0 0 / 0.18);
  }
  .pill button {
    border-radius: 2rem;
    padding-inline: 0.75rem;
    font-size: 0.875rem;
    white-space: nowrap;
  }
  @media (pointer: coarse) {
    .keys,
    kbd {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .card {
      animation: none;
    }
  }
`;
