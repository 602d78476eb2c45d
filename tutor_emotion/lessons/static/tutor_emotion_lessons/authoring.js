// The admin's form of a step: only the fields of its kind of answer, and a preview while one types.
"use strict";

(() => {
  const FIELDS = {
    number: ["tolerance"],
    fraction: ["form", "bottom"],
    expression: ["form", "variables"],
    choice: ["choices"],
    several: ["choices"],
    order: ["choices"],
    text: ["accept"],
  };
  const OWN = new Set(Object.values(FIELDS).flat());
  const WAIT_MS = 400;

  function showFieldsOf(select) {
    const prefix = select.id.slice(0, -"answer_kind".length);
    const used = FIELDS[select.value] ?? [];
    for (const name of OWN) {
      const row = document.getElementById(prefix + name)?.closest(`.field-${name}, .form-row`);
      if (row) row.hidden = !used.includes(name);
    }
  }

  function showAll() {
    for (const select of document.querySelectorAll("select[data-te-kind]")) showFieldsOf(select);
  }

  /** TeX is drawn as on the lesson's page, by a script that is fetched only where there is some. */
  function drawMath(body, source) {
    if (!body.querySelector(".tex")) return;
    if (window.tutorEmotion_math) {
      window.tutorEmotion_math.drawTex(body);
      return;
    }
    if (document.querySelector(`script[src="${source}"]`)) return;
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("load", () => drawMath(body, source));
    document.head.append(script);
  }

  function preview(section) {
    const form = section.closest("form");
    const body = section.querySelector(".te-preview-body");
    const state = section.querySelector(".te-preview-state");
    const words = section.querySelector(".te-preview-words").dataset;
    let timer;
    let asking;
    let part = "";

    /** The part that one writes is the part that one sees. */
    function follow() {
      for (const card of body.querySelectorAll("[data-te-part]")) {
        const written = card.dataset.tePart === part;
        card.classList.toggle("te-now-written", written);
        const below = card.getBoundingClientRect().top - body.getBoundingClientRect().top;
        if (written) body.scrollTop += below;
      }
    }

    async function draw() {
      asking?.abort();
      asking = new AbortController();
      state.textContent = words.drawing;
      try {
        const answer = await fetch(section.dataset.tePreview, {
          method: "POST",
          body: new FormData(form),
          headers: { Accept: "application/json" },
          signal: asking.signal,
        });
        const said = await answer.json();
        if (said.html !== undefined) {
          body.innerHTML = said.html;
          drawMath(body, section.dataset.teMath);
          follow();
        }
        state.textContent = said.error ?? "";
      } catch (error) {
        if (error.name !== "AbortError") state.textContent = words.away;
      }
    }

    function later() {
      clearTimeout(timer);
      timer = setTimeout(draw, WAIT_MS);
    }

    form.addEventListener("focusin", (event) => {
      if (!event.target.name) return;
      part = /^(.+-\d+)-\w+$/.exec(event.target.name)?.[1] ?? "";
      follow();
    });
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    document.addEventListener("formset:added", later);
    document.addEventListener("formset:removed", later);
    draw();
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("select[data-te-kind]")) showFieldsOf(event.target);
  });
  document.addEventListener("formset:added", showAll);
  document.addEventListener("DOMContentLoaded", () => {
    showAll();
    const section = document.querySelector("[data-te-preview]");
    if (section) preview(section);
  });
})();
