import { css } from "lit";

export const classroomStyles = css`
  .room {
    container-type: inline-size;
    display: grid;
    gap: 0.75rem;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
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
  .changes.none {
    visibility: hidden;
  }
  .changes,
  .sound,
  .reports {
    min-block-size: 2.25rem;
    font-size: 0.875rem;
  }
  .changes {
    background: var(--te-soft);
    border-radius: 2rem;
  }
  .reports {
    display: inline-flex;
    align-items: center;
    color: var(--te-accent);
  }
  .sound {
    text-decoration: none;
  }
  .filters,
  .finding {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375rem;
  }
  .filters button,
  .finding select,
  .finding input {
    min-block-size: 1.875rem;
    border-radius: 2rem;
    font-size: 0.875rem;
    padding-block: 0.125rem;
    padding-inline: 0.625rem;
  }
  .finding input {
    font: inherit;
    font-size: 0.875rem;
    flex: 1 1 8rem;
    max-inline-size: 12rem;
    min-inline-size: 0;
    color: inherit;
    background: var(--te-surface);
    border: 1px solid var(--te-edge);
  }
  .finding select {
    max-inline-size: 100%;
  }
  [aria-pressed="true"]:not(.quiet) {
    background: var(--te-accent);
    border-color: var(--te-accent);
    color: var(--te-on-accent);
  }
  .sound[aria-pressed="true"] {
    color: var(--te-accent);
  }
  h2 {
    font-size: 1rem;
    margin-block-end: 0.375rem;
  }
  h2 .muted {
    font-weight: 400;
  }
  .lists {
    display: grid;
    gap: 0.75rem;
  }
  .needs,
  .well {
    display: grid;
    gap: 0.375rem;
  }
  .tile {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: start;
    gap: 0.5rem;
    padding: 0.375rem 0.625rem;
    background: var(--te-surface);
    border: 1px solid var(--te-line);
    border-inline-start: 0.3125rem solid var(--te-warm);
    border-radius: 0.625rem;
    content-visibility: auto;
    contain-intrinsic-size: auto 4.5rem;
  }
  .tile[data-need="idle"],
  .tile[data-need="fine"],
  .tile[data-need="on_a_roll"] {
    border-inline-start-color: var(--te-edge);
  }
  .tile.quieted {
    border-inline-start-color: var(--te-line);
  }
  .tile.quieted .what {
    color: var(--te-muted);
  }
  .tile.mine {
    background: var(--te-sunken);
    border-inline-start-color: var(--te-accent);
  }
  .who {
    display: flex;
    align-items: baseline;
    gap: 0.125rem 0.5rem;
  }
  .name {
    color: inherit;
    font-weight: 650;
    text-decoration: none;
    border-radius: 0.25rem;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-inline-size: 0;
  }
  .name[href]:hover {
    text-decoration: underline;
  }
  .ago {
    margin-inline-start: auto;
    flex: none;
    color: var(--te-muted);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  .what {
    color: var(--te-warm);
    font-weight: 600;
  }
  [data-need="idle"] .what,
  [data-need="fine"] .what,
  [data-need="on_a_roll"] .what {
    color: var(--te-muted);
  }
  .state {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.625rem;
    font-size: 0.9375rem;
    line-height: 1.4;
  }
  .state strong {
    color: var(--te-accent);
  }
  .why {
    font-size: 0.875rem;
    line-height: 1.4;
    overflow: hidden;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow-wrap: anywhere;
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.75rem;
    color: var(--te-muted);
    font-size: 0.8125rem;
    line-height: 1.5;
  }
  .sure {
    color: var(--te-muted);
    font-size: 0.8125rem;
    white-space: nowrap;
  }
  .sure i {
    display: inline-block;
    margin-inline-end: 0.1875rem;
    inline-size: 0.4375rem;
    block-size: 0.4375rem;
    border-radius: 50%;
    border: 1.5px solid currentColor;
  }
  .sure i.on {
    background: currentColor;
  }
  .about {
    min-inline-size: 0;
  }
  .do {
    display: grid;
    gap: 0.25rem;
  }
  .do button {
    min-block-size: 2rem;
    padding-block: 0.125rem;
    padding-inline: 0.5rem;
    font-size: 0.875rem;
    justify-content: start;
  }
  .do .icon {
    inline-size: 1.125rem;
    block-size: 1.125rem;
  }
  .do [aria-busy="true"] {
    opacity: 0.6;
  }
  /* Rows of a known height: one learner's words do not lay out four hundred. */
  .well {
    grid-auto-rows: 2rem;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.25rem), 1fr));
  }
  .chip {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
    block-size: 2rem;
    overflow: hidden;
    padding: 0.1875rem 0.625rem;
    border: 1px solid var(--te-line);
    border-radius: 0.5rem;
    background: var(--te-surface);
    font-size: 0.9375rem;
    contain: strict;
  }
  .chip .name {
    font-weight: 500;
    flex: 0 1 auto;
    max-inline-size: 75%;
  }
  .chip .said {
    color: var(--te-muted);
    flex: 1 1 2rem;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    text-align: end;
    font-size: 0.8125rem;
    white-space: nowrap;
  }
  .chip[data-need="on_a_roll"] .said {
    color: var(--te-accent);
  }
  .chip:not([data-need="fine"], [data-need="on_a_roll"]) .said {
    color: var(--te-warm);
    font-weight: 600;
  }
  .keys {
    margin-block-start: 0.25rem;
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
  .stale .lists {
    filter: saturate(0.4);
  }
  @container (min-width: 40rem) {
    .needs {
      grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr));
    }
    .needs:not([data-density="roomy"]) {
      grid-template-columns: repeat(auto-fill, minmax(16.5rem, 1fr));
    }
    .needs:not([data-density="roomy"]) .label {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .needs:not([data-density="roomy"]) .do button {
      min-block-size: 1.75rem;
      padding-inline: 0.375rem;
    }
    [data-density="dense"] .state,
    [data-density="densest"] .state {
      flex-wrap: nowrap;
      white-space: nowrap;
      overflow: hidden;
    }
    .needs:not([data-density="roomy"]) .state {
      gap: 0 0.375rem;
      font-size: 0.875rem;
    }
    .needs:not([data-density="roomy"]) .sure {
      font-size: 0.75rem;
      min-inline-size: 0;
      overflow: hidden;
      text-overflow: ellipsis;
    }
    [data-density="dense"] .why,
    [data-density="densest"] .why {
      display: block;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .tile:not([data-density="roomy"] .tile) .meta,
    [data-density="densest"] .sure {
      display: none;
    }
    [data-density="densest"] .lines {
      display: flex;
      gap: 0.5rem;
      align-items: baseline;
    }
    [data-density="densest"] .why {
      flex: 1 1 0;
      min-inline-size: 0;
    }
    [data-density="densest"] .do {
      grid-auto-flow: column;
    }
    .needs[data-density="densest"] {
      grid-auto-rows: 3.125rem;
    }
    [data-density="densest"] .tile {
      padding-block: 0.125rem;
      content-visibility: visible;
      contain: strict;
    }
  }
  @container (max-width: 39.99rem) {
    .tile {
      grid-template-columns: minmax(0, 1fr);
      contain-intrinsic-size: auto 8rem;
    }
    .do {
      grid-auto-flow: column;
      justify-content: start;
    }
    .do button,
    .filters button,
    .finding select,
    .finding input {
      min-block-size: 2.5rem;
    }
    .changes.none {
      display: none;
    }
  }
`;
