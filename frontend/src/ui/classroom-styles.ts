import { css } from "lit";

export const classroomStyles = css`
  .room {
    container-type: inline-size;
    display: grid;
    gap: 1rem;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1.25rem;
  }
  .top .counts {
    flex: 1 1 auto;
    font-size: 1.0625rem;
  }
  .top strong {
    font-size: 1.25rem;
  }
  .link {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    font-size: 0.875rem;
  }
  .dot {
    inline-size: 0.625rem;
    block-size: 0.625rem;
    border-radius: 50%;
    background: var(--te-accent);
  }
  .dot.off {
    background: none;
    border: 2px solid var(--te-warm);
  }
  .filters {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375rem;
  }
  .filters button {
    min-block-size: 2.25rem;
    border-radius: 2rem;
    font-size: 0.875rem;
    padding-inline: 0.75rem;
  }
  .filters button[aria-pressed="true"],
  .onit[aria-pressed="true"] {
    background: var(--te-accent);
    border-color: var(--te-accent);
    color: var(--te-on-accent);
  }
  h2 {
    font-size: 1.0625rem;
    margin-block-end: 0.5rem;
  }
  .needs {
    display: grid;
    gap: 0.5rem;
  }
  .need {
    display: grid;
    align-items: center;
    gap: 0.5rem 1rem;
    padding: 0.5rem 0.75rem;
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-inline-start: 0.3125rem solid var(--te-warm);
    border-radius: 0.625rem;
  }
  .need[data-need="idle"] {
    border-inline-start-color: var(--te-edge);
  }
  .need.mine {
    background: var(--te-sunken);
    border-inline-start-color: var(--te-accent);
  }
  .who {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.125rem 0.625rem;
  }
  .name {
    font-weight: 650;
    font-size: 1.0625rem;
    overflow-wrap: anywhere;
  }
  .what {
    color: var(--te-warm);
    font-weight: 600;
  }
  .need[data-need="idle"] .what {
    color: var(--te-muted);
  }
  .why {
    overflow-wrap: anywhere;
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.875rem;
    color: var(--te-muted);
    font-size: 0.875rem;
  }
  .sure i {
    display: inline-block;
    margin-inline-end: 0.25rem;
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border-radius: 50%;
    border: 1.5px solid currentColor;
  }
  .sure i.on {
    background: currentColor;
  }
  .about {
    display: grid;
    gap: 0.125rem;
  }
  .onit {
    justify-self: start;
    min-block-size: 2.25rem;
    font-size: 0.9375rem;
  }
  .fine {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr));
    gap: 0.375rem;
  }
  .fine li {
    display: flex;
    flex-wrap: wrap;
    block-size: 2.125rem;
    overflow: hidden;
    align-items: baseline;
    gap: 0.5rem;
    padding: 0.25rem 0.625rem;
    border: 1px solid var(--te-line);
    border-radius: 0.5rem;
    background: var(--te-surface);
    font-size: 0.9375rem;
  }
  .fine .name {
    font-weight: 500;
    font-size: inherit;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    flex: 0 0 auto;
    max-inline-size: 100%;
  }
  /* As much of the step as there is room for; where there is hardly any, it wraps out of sight. */
  .fine .muted {
    flex: 1 1 4rem;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    text-align: end;
    font-size: 0.8125rem;
    line-height: 1.6rem;
    white-space: nowrap;
  }
  .empty {
    display: grid;
    gap: 0.25rem;
    justify-items: center;
    text-align: center;
    padding: 3rem 1rem;
    border: 1px dashed var(--te-line);
    border-radius: var(--te-radius);
  }
  .stale .needs,
  .stale .fine {
    filter: saturate(0.4);
  }
  @container (min-width: 40rem) {
    .need {
      grid-template-columns: minmax(0, 1fr) auto;
    }
  }
  @container (min-width: 64rem) {
    .needs {
      grid-template-columns: 1fr 1fr;
    }
  }
`;
