// django-unfold names no landmarks; who hears the page finds its parts by them.
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
});
