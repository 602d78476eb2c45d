import { beforeEach, describe, expect, it } from "vitest";
import { drag } from "./dragging";
import { moved } from "./picking";

const ROW_PX = 50;
let list: HTMLElement;
let keys: string[];

/** Rows of 50 px, as a browser would lay them out; they are moved as Lit moves them. */
function place(): void {
  list.append(...keys.map((key) => list.querySelector(`[data-key=${key}]`) as Element));
}
function pointer(type: string, y: number, target: Element = list, button = 0): PointerEvent {
  const event = new PointerEvent(type, { clientY: y, pointerId: 3, button, cancelable: true });
  target.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  list = document.createElement("ol");
  keys = ["a", "b", "c"];
  for (const key of keys) {
    const row = document.createElement("li");
    row.dataset.key = key;
    row.getBoundingClientRect = () =>
      ({ top: [...list.children].indexOf(row) * ROW_PX, height: ROW_PX }) as DOMRect;
    row.addEventListener("pointerdown", (event) =>
      drag(event, (to) => {
        keys = moved(keys, key, to);
        place();
      }),
    );
    list.append(row);
  }
  list.setPointerCapture = () => undefined;
});

describe("dragging", () => {
  const row = (key: string): Element => list.querySelector(`[data-key=${key}]`) as Element;

  it("follows the pointer through the list and back", () => {
    pointer("pointerdown", 25, row("a"));
    pointer("pointermove", 60);
    expect(keys).toEqual(["a", "b", "c"]);
    pointer("pointermove", 130);
    expect(keys).toEqual(["b", "c", "a"]);
    pointer("pointermove", 10);
    expect(keys).toEqual(["a", "b", "c"]);
  });

  it("ends where it is let go", () => {
    pointer("pointerdown", 25, row("a"));
    expect(row("a").hasAttribute("data-dragged")).toBe(true);
    pointer("lostpointercapture", 25);
    pointer("pointermove", 130);
    expect(keys).toEqual(["a", "b", "c"]);
    expect(row("a").hasAttribute("data-dragged")).toBe(false);
  });

  it("is for the first button alone", () => {
    pointer("pointerdown", 25, row("a"), 2);
    pointer("pointermove", 130);
    expect(keys).toEqual(["a", "b", "c"]);
  });
});
