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

  /* running */
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.75rem;
    padding-block: 0.5rem;
    padding-inline: 0.875rem 0.5rem;
  }
  .bar:not(:last-child) {
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
  .always {
    display: grid;
    gap: 0.375rem;
    padding: 0.625rem 0.875rem;
  }
  /* Room for an offer, so that nothing moves when one comes and nothing is covered. */
  .slot {
    display: grid;
    align-content: start;
    gap: 0.625rem;
    padding-block-start: 0.75rem;
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
    min-block-size: 4.25rem;
  }
  .alone {
    display: grid;
    align-content: center;
    gap: 0.625rem;
    min-block-size: 4.25rem;
    padding: 0.75rem 0.875rem;
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
    padding: 1rem;
    border: 1px solid color-mix(in srgb, var(--te-accent) 30%, var(--te-soft));
    border-radius: var(--te-radius);
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
  #reasons > * + * {
    margin-block-start: 0.375rem;
  }
  #about {
    color: inherit;
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
    padding-block: 0.25rem;
    padding-inline: 0.875rem 0.25rem;
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-radius: 2rem;
    box-shadow: 0 0.25rem 1rem rgb(0 0 0 / 0.18);
  }
  @media (max-width: 40rem) {
    .pill {
      inset-inline: 0;
      inset-block-end: 0;
      padding: 0.375rem 0.75rem calc(0.375rem + env(safe-area-inset-bottom));
      border-width: 1px 0 0;
      border-radius: 0;
      box-shadow: none;
    }
  }
  .pill div {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
  }
  /* Above it: what comes and goes moves nothing. */
  .pill p {
    position: absolute;
    inset-block-end: calc(100% + 0.5rem);
    inset-inline-end: 0;
    inline-size: max(100%, 14rem);
    padding: 0.5rem 0.875rem;
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-radius: 1rem;
    font-size: 0.875rem;
  }
  @media (max-width: 40rem) {
    .pill p {
      inset-block-end: 100%;
      inline-size: 100%;
      padding-inline: 0.75rem;
      border-width: 1px 0 0;
      border-radius: 0;
    }
  }
  /* As wide with an offer as without. */
  .pill #show {
    flex: 1;
    min-inline-size: 12rem;
  }
  @media (max-width: 40rem) {
    .pill #show {
      min-inline-size: 0; /* the bar is as wide as the page, whatever stands in it */
    }
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
