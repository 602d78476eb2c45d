import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LessonApi } from "./api";
import type { Content } from "./content";
import { answeredBy, chosen, lesson } from "./lesson.fixture";
import { Player } from "./player";
import { Tutor } from "./tutor";
import { english as en } from "./words";

const urls = {
  content: "/c",
  answer: "/a",
  next: "/n",
  carried_out: "/o",
  home: "/",
  math: "/m.js",
};
let root: HTMLElement;
let sent: Record<string, unknown>[];
/** What the server says to the next answers; then that they are wrong. */
let refusals: { status: number; code: string }[];
let content: Content | null;

function serve(): void {
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    const say = (body: unknown, status = 200) =>
      Promise.resolve(new Response(JSON.stringify(body), { status }));
    if (url === "/c") return content ? say(content) : Promise.reject(new Error("away"));
    sent.push(JSON.parse(String(init?.body)) as Record<string, unknown>);
    const refusal = refusals.shift();
    if (refusal) return say({ code: refusal.code }, refusal.status);
    const body = {
      correct: false,
      verdict: "wrong",
      counted: true,
      normalised: "",
      solved: [],
      next: chosen("a"),
    };
    return say({ ...body, feedback: "Not yet." });
  });
}

function play(shown: Content, answer = ""): void {
  content = shown;
  const page = { learner: "l", solved: [], opening: chosen("a"), urls };
  new Player(root, page, shown, new LessonApi(urls, "t"), new Tutor(root), en).start(answer);
}
const find = <E extends Element = HTMLElement>(selector: string): E => {
  const found = root.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const all = <E extends Element = HTMLElement>(selector: string): E[] => [
  ...root.querySelectorAll<E>(selector),
];
function write(text: string): void {
  const input = find<HTMLInputElement>("#lesson-input");
  input.value = text;
  input.dispatchEvent(new Event("input"));
}
async function check(): Promise<string> {
  find("form").dispatchEvent(new Event("submit", { cancelable: true }));
  await vi.waitFor(() => expect(find(".lesson-feedback").textContent?.trim()).not.toBe(""));
  return find(".lesson-feedback").textContent?.trim() ?? "";
}

beforeEach(() => {
  sessionStorage.clear();
  sent = [];
  refusals = [];
  root = document.createElement("div");
  document.body.replaceChildren(root);
  serve();
});
afterEach(() => vi.unstubAllGlobals());

describe("an expression", () => {
  it("is shown as it is read while it is written", () => {
    play(answeredBy("expression"));
    const words = (): string => find(".lesson-preview .lesson-how").textContent ?? "";
    expect(words()).toBe("");
    write("1/(2x");
    expect([words(), root.querySelector("output math")]).toEqual([en.notYetRead, null]);
    write("1/(2x)");
    expect(words()).toBe(en.readAs);
    expect(find("output mfrac").textContent).toBe("12\u2062x");
  });

  it("is sent as it was written", async () => {
    play(answeredBy("expression"));
    write("2(x + 3)");
    await check();
    expect(sent[0]).toMatchObject({ answer: "2(x + 3)", version: "v1", step: "a" });
  });
});

describe("several choices", () => {
  const boxes = (): HTMLInputElement[] => all<HTMLInputElement>("[type=checkbox]");
  const tick = (key: string): void =>
    boxes()
      .find((box) => box.value === key)
      ?.click();

  it("are ticked and unticked, and sent in the order of the question", async () => {
    play(answeredBy("several"));
    tick("c");
    tick("a");
    tick("b");
    tick("a");
    await check();
    expect(sent[0]?.answer).toBe("b c");
    expect(boxes().map((box) => box.checked)).toEqual([true, false, true]);
  });

  it("are nothing to send while none is ticked", () => {
    play(answeredBy("several"));
    find("form").dispatchEvent(new Event("submit", { cancelable: true }));
    expect(sent).toEqual([]);
  });

  it("that were ticked before the script came stay ticked", () => {
    play(answeredBy("several"), "a c");
    expect(boxes().filter((box) => box.checked)).toHaveLength(2);
  });
});

describe("things to be sorted", () => {
  const order = (): string =>
    all("li .lesson-choice-text")
      .map((e) => e.textContent)
      .join("");
  const button = (label: string): HTMLElement => find(`button[aria-label="${label}"]`);

  it("move by their buttons, which keep the focus, and the new place is said", () => {
    play(answeredBy("order"));
    expect(order()).toBe("bac");
    const up = button("Move up: C");
    up.focus();
    up.click();
    expect(order()).toBe("bca");
    expect(document.activeElement).toBe(up);
    expect(find("[role=status].lesson-heard").textContent).toBe("C is now 2 of 3");
    up.click();
    expect(order()).toBe("cba");
    expect(up.getAttribute("aria-disabled")).toBe("true");
    up.click();
    expect(order()).toBe("cba");
  });

  it("are sent as they stand, also when nothing was moved", async () => {
    play(answeredBy("order"));
    await check();
    button("Move down: B").click();
    await vi.waitFor(async () => {
      await check();
      expect(sent).toHaveLength(2);
    });
    expect(sent.map((body) => body.answer)).toEqual(["b a c", "a b c"]);
  });
});

describe("when an answer is refused, what was written stays", () => {
  it.each([
    { status: 429, code: "too_fast" },
    { status: 413, code: "body_too_large" },
    { status: 401, code: "not_signed_in" },
    { status: 418, code: "something_new" },
  ])("$code", async (refusal) => {
    refusals = [refusal];
    play(lesson);
    write("3/4");
    expect(await check()).toBe(en.faults[refusal.code] ?? en.faults.other);
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("3/4");
  });

  it("and an edited question is shown as it is now", async () => {
    refusals = [{ status: 409, code: "step_changed" }];
    play(lesson);
    write("3/4");
    const [first, ...rest] = lesson.steps;
    if (!first) throw new Error("no step");
    const item = { ...first.item, version: "v2", html: "<p>How much <b>now</b>?</p>" };
    content = { ...lesson, steps: [{ ...first, item }, ...rest] };
    expect(await check()).toBe(en.faults.step_changed);
    expect(find(".lesson-text").textContent).toContain("How much now?");
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("3/4");
    await vi.waitFor(async () => {
      await check();
      expect(sent).toHaveLength(2);
    });
    expect(sent[1]).toMatchObject({ answer: "3/4", version: "v2" });
    expect(sent[1]?.attempt).not.toBe(sent[0]?.attempt);
  });

  it("and an edited question whose new text does not come can be tried again", async () => {
    refusals = [{ status: 409, code: "step_changed" }];
    play(lesson);
    write("3/4");
    content = null;
    expect(await check()).toBe(en.faults.network);
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("3/4");
  });

  it("and a step that is gone leads to the next one", async () => {
    refusals = [{ status: 404, code: "unknown_step" }];
    play(lesson);
    write("3/4");
    expect(await check()).toBe(en.faults.unknown_step);
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("3/4");
    content = { ...lesson, steps: lesson.steps.slice(1) };
    find("#lesson-next").click();
    await vi.waitFor(() => expect(find("h2").textContent).toBe("Step b"));
    expect(all(".lesson-steps button")).toHaveLength(2);
  });
});
