import { css } from "lit";

/** What stands for the panel while that is out of sight. */
export const pillStyles = css`
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
`;
