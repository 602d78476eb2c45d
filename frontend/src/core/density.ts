export type Density = "roomy" | "dense" | "densest";

/** What is left of a screen of 1280 by 800 below a host's header and our own lines, in pixels. */
const SCREEN = 560;
/** Tiles of learners in need beside each other, and how high one is. */
const TILES = { roomy: { columns: 3, height: 150 }, dense: { columns: 4, height: 86 } } as const;
const CHIP = { columns: 6, height: 38, most: 260 } as const;

/**
 * How much of each learner in need is shown, so that a class of forty stands on one screen. Those
 * who do well count for no more than what is looked at below the others anyway.
 */
export function densityOf(needing: number, well: number): Density {
  const chips = Math.min(CHIP.most, Math.ceil(well / CHIP.columns) * CHIP.height);
  for (const density of ["roomy", "dense"] as const) {
    const { columns, height } = TILES[density];
    if (Math.ceil(needing / columns) * height + chips <= SCREEN) return density;
  }
  return "densest";
}
