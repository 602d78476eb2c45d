import { css } from "lit";

/** What is in use, how it goes, and what is offered. */
export const runningStyles = css`
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
