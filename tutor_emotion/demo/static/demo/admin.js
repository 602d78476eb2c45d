// django-unfold names no landmarks, and reads its icons aloud; who hears the page needs it otherwise.
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    const alone = icon.parentElement.textContent.trim() === icon.textContent.trim();
    if (!alone) icon.setAttribute("aria-hidden", "true");
  }
});
