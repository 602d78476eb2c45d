/** Where an arrow key leads from `at` among tiles in a grid; `at` itself at an edge. */
export function neighbour(
  tiles: readonly HTMLElement[],
  at: HTMLElement,
  key: string,
): HTMLElement {
  const index = tiles.indexOf(at);
  const rightwards = getComputedStyle(at).direction === "rtl" ? -1 : 1;
  const straight = { ArrowRight: rightwards, ArrowLeft: -rightwards }[key];
  if (straight !== undefined) return tiles[index + straight] ?? at;
  if (key === "Home") return tiles[0] ?? at;
  if (key === "End") return tiles.at(-1) ?? at;
  return vertical(tiles, at, key === "ArrowDown" ? 1 : -1);
}

/** The nearest tile in the next row of the grid. */
function vertical(tiles: readonly HTMLElement[], at: HTMLElement, way: 1 | -1): HTMLElement {
  const from = at.getBoundingClientRect();
  const rest = tiles.slice(tiles.indexOf(at));
  const ahead = way > 0 ? rest : tiles.slice(0, tiles.indexOf(at)).reverse();
  let row: number | null = null;
  let best = at;
  let bestGap = Number.POSITIVE_INFINITY;
  for (const tile of ahead) {
    const box = tile.getBoundingClientRect();
    if (way * (box.top - from.top) < 1) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 1) break;
    const gap = Math.abs(box.left - from.left);
    if (gap < bestGap) [best, bestGap] = [tile, gap];
  }
  return best;
}

export const WALKS: ReadonlySet<string> = new Set([
  "ArrowDown",
  "ArrowUp",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
]);
