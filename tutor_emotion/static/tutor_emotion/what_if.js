// Goes on with the replay by itself, portion by portion. Without it the button does the same.
let stopped = false;

const form = () => document.querySelector("form[data-te-go-on]");

async function goOn() {
  while (form() && !stopped) {
    const current = form();
    current.querySelector("[type=submit]").hidden = true;
    const stop = current.querySelector("[data-te-stop]");
    stop.hidden = false;
    stop.addEventListener("click", () => {
      stopped = true;
      stop.disabled = true;
    });
    const response = await fetch(location.href, { method: "POST", body: new FormData(current) });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const busy = page.querySelector(".te-progress [role=alert]");
    const held = document.activeElement?.matches("[data-te-stop]");
    document.getElementById("te-what-if").replaceWith(page.getElementById("te-what-if"));
    if (held) form()?.querySelector("[data-te-stop]")?.focus();
    if (busy) break;
  }
}

goOn().catch(() => {
  const button = form()?.querySelector("[type=submit]");
  if (button) button.hidden = false;
});
