/**
 * A row is dragged through its list, from `pointerdown` on its handle until the pointer is let go.
 * `move` is called with each new place. The list listens and not the row: rows are moved in the
 * page, and a moved element loses the pointer.
 */
export function drag(start: PointerEvent, move: (to: number) => void): void {
  const row = (start.currentTarget as Element | null)?.closest("li");
  const list = row?.parentElement;
  if (!row || !list || start.button !== 0) return;
  start.preventDefault();
  list.setPointerCapture(start.pointerId);
  row.toggleAttribute("data-dragged", true);
  const follow = (event: PointerEvent): void => {
    const others = [...list.children].filter((other) => other !== row);
    const to = others.filter((other) => middle(other) < event.clientY).length;
    if (to !== [...list.children].indexOf(row)) move(to);
  };
  const end = (): void => {
    row.toggleAttribute("data-dragged", false);
    list.removeEventListener("pointermove", follow);
    list.removeEventListener("lostpointercapture", end);
  };
  list.addEventListener("pointermove", follow);
  list.addEventListener("lostpointercapture", end); // let go, cancelled, or taken out of the page
}

function middle(element: Element): number {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
}
