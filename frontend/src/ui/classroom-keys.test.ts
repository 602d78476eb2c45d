import { afterEach, describe, expect, it } from "vitest";
import { neighbour } from "./classroom-keys";

/** Tiles of 100 by 50 in a grid of three columns; the second list below it has four. */
function grid(...columns: number[]): HTMLElement[] {
  return columns.flatMap((count, row) =>
    Array.from({ length: count }, (_, column) => {
      const tile = document.createElement("li");
      tile.id = `${row}${column}`;
      tile.getBoundingClientRect = () => ({ top: row * 50, left: column * 100 }) as DOMRect;
      document.body.append(tile);
      return tile;
    }),
  );
}

describe("arrow keys among learners", () => {
  afterEach(() => {
    document.body.innerHTML = "";
    document.body.removeAttribute("style");
  });

  const tiles = (): HTMLElement[] => grid(3, 2, 4);
  const from = (all: HTMLElement[], id: string, key: string): string => {
    const at = all.find((tile) => tile.id === id);
    return at ? neighbour(all, at, key).id : "?";
  };

  it("lead to the next in the row, and to the nearest above and below", () => {
    const all = tiles();
    expect(from(all, "00", "ArrowRight")).toBe("01");
    expect(from(all, "10", "ArrowLeft")).toBe("02");
    expect(from(all, "02", "ArrowDown")).toBe("11");
    expect(from(all, "11", "ArrowDown")).toBe("21");
    expect(from(all, "23", "ArrowUp")).toBe("11");
    expect([from(all, "11", "Home"), from(all, "11", "End")]).toEqual(["00", "23"]);
  });

  it("stay where the grid ends", () => {
    const all = tiles();
    expect(from(all, "01", "ArrowUp")).toBe("01");
    expect(from(all, "22", "ArrowDown")).toBe("22");
    expect([from(all, "00", "ArrowLeft"), from(all, "23", "ArrowRight")]).toEqual(["00", "23"]);
  });

  it("follow the writing direction", () => {
    const all = tiles();
    for (const tile of all) tile.style.direction = "rtl";
    expect(from(all, "00", "ArrowLeft")).toBe("01");
  });
});
