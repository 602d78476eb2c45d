import { LessonApi } from "./api";
import type { Page } from "./content";
import { Player } from "./player";
import { Tutor } from "./tutor";
import { wordsOf } from "./words";

/** What the learner has already written into the plain form, while this script was on its way. */
function answerSoFar(root: HTMLElement): string {
  const form = root.querySelector<HTMLFormElement>("form.lesson-answer");
  return form ? new FormData(form).getAll("answer").join(" ").trim() : "";
}

async function start(): Promise<void> {
  const root = document.querySelector<HTMLElement>("#lesson-player");
  const data = document.querySelector("#lesson-page")?.textContent;
  const csrf = document.querySelector<HTMLInputElement>("#lesson-csrf input")?.value;
  if (!root || !data || !csrf) return;
  const page = JSON.parse(data) as Page;
  const api = new LessonApi(page.urls, csrf);
  const [content, words] = await Promise.all([api.content(), wordsOf(document)]);
  new Player(root, page, content, api, new Tutor(), words).start(answerSoFar(root));
}

// Without the content the page stays what it is: a plain form that works.
void start().catch(() => undefined);
