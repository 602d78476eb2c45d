/** What happened, as the rows of the table say it. */
export const LANES = ["signal", "answer", "hint", "told", "offer"] as const;
export type Lane = (typeof LANES)[number];

export interface Moment {
  readonly lane: Lane;
  readonly mark: string;
  readonly atS: number;
  /** The end of what lasts; itself where it is a point, null where it goes on. */
  readonly untilS: number | null;
  readonly words: string;
  readonly row: HTMLTableRowElement;
}

/** The table's moments in their order; steps are in its last column and not in the picture. */
export function momentsOf(table: ParentNode): Moment[] {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr[data-at]")];
  return rows
    .map(momentOf)
    .filter((moment) => moment !== null)
    .sort((a, b) => a.atS - b.atS);
}

function momentOf(row: HTMLTableRowElement): Moment | null {
  const lane = LANES.find((known) => known === row.dataset.lane);
  const atS = Number(row.dataset.at);
  if (!lane || !Number.isFinite(atS)) return null;
  const until = row.dataset.until === undefined ? null : Number(row.dataset.until);
  const words = [...row.cells].map((cell) => cell.textContent?.trim() ?? "");
  return {
    lane,
    mark: row.dataset.mark ?? "",
    atS,
    untilS: lane === "signal" ? until : atS,
    words: words.filter((text) => text !== "" && text !== "–").join(" · "),
    row,
  };
}

/** The names of the lanes as the table has them; those without a moment keep their key. */
export function laneNames(moments: readonly Moment[]): ReadonlyMap<Lane, string> {
  const names = new Map<Lane, string>();
  for (const { lane, row } of moments)
    names.set(lane, row.querySelector(".te-lane")?.textContent?.trim() ?? lane);
  return names;
}

/** The last second that the picture shows. */
export function lengthS(moments: readonly Moment[]): number {
  return Math.max(60, ...moments.map((moment) => moment.untilS ?? moment.atS));
}

/** `mm:ss`, as in the table. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
