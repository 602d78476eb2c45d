// Asks for the page again and takes over the parts that changed; without it the page is the same,
// and is reloaded by hand. While the tab is hidden it asks nobody.
const PARTS = ["te-asked", "te-notes", "te-figures", "te-processes", "te-courses", "te-refused", "te-faults", "te-site"];
const page = document.getElementById("te-operator");
const byItself = document.getElementById("te-by-itself");
const every = 1000 * Number(page.dataset.teEvery);
let timer;
let asking = false;

function place(part) {
  // Where a table was scrolled to, and what had the focus, stay.
  const boxes = [...part.querySelectorAll(".te-scroll")];
  const stops = [...part.querySelectorAll("a, .te-scroll")];
  const held = stops.indexOf(document.activeElement);
  return { scrolled: boxes.map((box) => [box.scrollLeft, box.scrollTop]), held };
}

function restore(part, { scrolled, held }) {
  part.querySelectorAll(".te-scroll").forEach((box, at) => {
    [box.scrollLeft, box.scrollTop] = scrolled[at] ?? [0, 0];
  });
  if (held >= 0) part.querySelectorAll("a, .te-scroll")[held]?.focus({ preventScroll: true });
}

function take(fresh) {
  for (const id of PARTS) {
    const old = document.getElementById(id);
    const now = fresh.getElementById(id);
    // A status that says the same is not said again.
    if (!now || old.innerHTML === now.innerHTML) continue;
    const kept = place(old);
    old.innerHTML = now.innerHTML;
    restore(old, kept);
  }
}

function lost() {
  const notes = document.getElementById("te-notes");
  if (notes.dataset.teLost) return;
  const said = document.createElement("p");
  said.className = "te-note te-alarm";
  said.textContent = page.dataset.teLost;
  notes.prepend(said);
  notes.dataset.teLost = "1";
}

async function ask() {
  if (asking || document.hidden || !byItself.checked) return;
  asking = true;
  try {
    const response = await fetch(location.href, { redirect: "error", signal: AbortSignal.timeout(2 * every) });
    if (!response.ok) throw new Error(String(response.status));
    take(new DOMParser().parseFromString(await response.text(), "text/html"));
    delete document.getElementById("te-notes").dataset.teLost;
  } catch {
    lost();
  } finally {
    asking = false;
  }
}

function set() {
  clearInterval(timer);
  if (document.hidden || !byItself.checked) return;
  ask();
  timer = setInterval(ask, every);
}

byItself.closest("label").hidden = false;
byItself.addEventListener("change", set);
document.addEventListener("visibilitychange", set);
timer = setInterval(ask, every);
